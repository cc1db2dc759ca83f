#include "workers/frontend/peers/reachable.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/rpc/channel.h"

namespace patchbay::frontend {

using std::chrono::milliseconds;

Awaitable<bool> IsReachable(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel) {
  constexpr milliseconds kLook{10};
  asio::steady_timer timer(reactor.io());
  for (milliseconds waited{0}; waited < kReachableWait; waited += kLook) {
    if (channel->GetState(true) == GRPC_CHANNEL_READY) co_return true;
    reactor.Poke();
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return false;
}

}  // namespace patchbay::frontend
