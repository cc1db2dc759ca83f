// The frontend's side of a Call, without gRPC: what it says is scripted, what it hears is kept.
#pragma once

#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <vector>

#include "workers/upstream/service.h"

namespace patchbay::upstream::testing {

class FakeStream final : public CallStream {
 public:
  Awaitable<bool> Send(const v1::CallReply& reply) override {
    if (gone) co_return false;
    replies.push_back(reply);
    if (on_reply) on_reply(reply);
    co_return !gone;
  }
  Awaitable<bool> CloseSend() override { co_return true; }
  Awaitable<bool> Receive(v1::CallRequest& request) override {
    if (requests.empty()) co_return false;
    request = std::move(requests.front());
    requests.pop_front();
    co_return true;
  }
  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override { gone = true; }

  std::deque<v1::CallRequest> requests;
  std::vector<v1::CallReply> replies;
  std::function<void(const v1::CallReply&)> on_reply;
  bool gone = false;
};

}  // namespace patchbay::upstream::testing
