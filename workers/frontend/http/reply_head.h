// The head of a model call's answer: what the plan, the grant and the provider have to say in headers. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend {

class ReplyHead {
 public:
  // `model` is the client's name of it. `headers` go into every answer. `effort` is told only when another one is
  // taken; empty to tell any.
  ReplyHead(std::string model, HeaderList headers, std::string effort = {})
      : model_(std::move(model)), headers_(std::move(headers)), effort_(std::move(effort)) {}
  // What stands in for the provider's headers about quota; null: they pass.
  void ShowQuota(std::function<std::optional<HeaderList>(const std::string& provider)> quota) {
    quota_ = std::move(quota);
  }

  // What an earlier attempt and its provider said is forgotten.
  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route);
  // The provider's headers. What it left out is told by the client's names of it.
  void Take(const upstream::v1::Head& head, const std::vector<WishedFor>& wishes);

  // What the request lost, of the plan, the way and the provider.
  Losses LossesOf(const ReplyPlan& plan) const;
  HeaderList Headers(const ReplyPlan& plan, std::string_view content_type) const;

 private:
  std::string model_;
  HeaderList headers_;
  std::string effort_;
  std::function<std::optional<HeaderList>(const std::string& provider)> quota_;
  // Of the current attempt.
  bool relay_ = false;
  std::vector<std::string> ignored_, repaired_;
  std::string provider_;
  HeaderList provider_headers_, quota_headers_;
  std::vector<std::string> ignored_by_provider_;
  std::vector<std::string> repaired_by_provider_;
};

}  // namespace patchbay::frontend
