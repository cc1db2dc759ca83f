// The frontend's side of a Call or a Socket, without gRPC: what it says is scripted, what it hears is kept.
#pragma once

#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "lib/async/event.h"
#include "workers/upstream/service.h"

namespace patchbay::upstream::testing {

template <class Reply, class Request>
class FakeStreamOf final : public rpc::Stream<Reply, Request> {
 public:
  Awaitable<bool> Send(const Reply& reply) override {
    if (gone) co_return false;
    replies.push_back(reply);
    if (on_reply) on_reply(reply);
    co_return !gone;
  }
  Awaitable<bool> CloseSend() override { co_return true; }
  Awaitable<bool> Receive(Request& request) override {
    while (requests.empty() && more) co_await more->Wait();
    if (requests.empty()) co_return false;
    request = std::move(requests.front());
    requests.pop_front();
    co_return true;
  }
  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override { gone = true; }

  std::deque<Request> requests;
  std::vector<Reply> replies;
  std::function<void(const Reply&)> on_reply;
  bool gone = false;
  // When set, Receive waits for what is added later; reset it and notify to end the stream.
  std::shared_ptr<async::Event> more;
};

using FakeStream = FakeStreamOf<v1::CallReply, v1::CallRequest>;
using FakeSocketStream = FakeStreamOf<v1::SocketReply, v1::SocketRequest>;

}  // namespace patchbay::upstream::testing
