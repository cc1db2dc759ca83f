#include "lib/worker/peer_watch.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

#include "grpc/health/v1/health.grpc.pb.h"
#include "lib/log/log.h"

namespace patchbay::worker {
namespace {

constexpr std::chrono::seconds kLookEvery{2};
constexpr std::chrono::seconds kAnswerWithin{5};

}  // namespace

Awaitable<void> WatchPeer(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel, std::string address) {
  const auto stub = grpc::health::v1::Health::NewStub(channel);
  asio::steady_timer pause(reactor.io());
  const grpc::health::v1::HealthCheckRequest request;
  std::optional<std::string> said;  // empty: that it is there
  for (;;) {
    // A call says why a connection cannot be made; the channel's state does not.
    const auto answer = co_await rpc::Unary<grpc::health::v1::HealthCheckResponse>(
        reactor, kAnswerWithin, [&](auto* context, auto* queue) { return stub->AsyncCheck(context, request, queue); });
    std::string now = answer.ok() ? std::string() : answer.error().message;
    if (now != said) {
      if (now.empty()) {
        log::Info("peer.reached", {{"address", address}});
      } else {
        log::Warn("peer.away", {{"address", address}, {"error", now}});
      }
      said = std::move(now);
    }
    pause.expires_after(kLookEvery);
    boost::system::error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace patchbay::worker
