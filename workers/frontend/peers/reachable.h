// Whether the processes that this one calls are there.
#pragma once

#include <chrono>
#include <memory>

#include "lib/async/asio.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

// Whether a connection to the peer stands, giving it a moment (kReachableWait) to come up.
inline constexpr std::chrono::milliseconds kReachableWait{500};
Awaitable<bool> IsReachable(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel);

}  // namespace patchbay::frontend
