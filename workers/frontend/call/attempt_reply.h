// The encoder of one attempt, as whoever takes its answer in has it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend {

class AttemptReply {
 public:
  AttemptReply() = default;
  explicit AttemptReply(std::unique_ptr<TranslatedReply> translated) : translated_(std::move(translated)) {}
  explicit AttemptReply(std::unique_ptr<RelayedReply> relayed) : relayed_(std::move(relayed)) {}
  AttemptReply(const ReplyPlan& plan, const CallRoute& route)
      : translated_(route.relay ? nullptr : plan.translated()), relayed_(route.relay ? plan.relayed(route) : nullptr) {}

  // What comes by the other way than was asked for is refused.
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) {
    if (translated_ == nullptr) return Error(ErrorCode::kInternal, "a relay's answer comes in bytes");
    return translated_->Event(event, out);
  }
  Result<bool> Bytes(std::string_view bytes, std::string& out) {
    if (relayed_ == nullptr) return Error(ErrorCode::kInternal, "a translated answer comes in events");
    return relayed_->Bytes(bytes, out);
  }
  // Once an attempt has begun.
  ReplyEncoder* operator->() const {
    return translated_ != nullptr ? static_cast<ReplyEncoder*>(translated_.get()) : relayed_.get();
  }

 private:
  std::unique_ptr<TranslatedReply> translated_;
  std::unique_ptr<RelayedReply> relayed_;
};

}  // namespace patchbay::frontend
