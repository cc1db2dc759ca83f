// Says in the log when the peer of a worker that runs alone cannot be reached, why, and when it can be again.
#pragma once

#include <memory>
#include <string>

#include "lib/rpc/channel.h"
#include "lib/rpc/reactor.h"

namespace patchbay::worker {

// Never ends. The channel reconnects by itself; this only looks, and keeps it trying.
Awaitable<void> WatchPeer(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel, std::string address);

}  // namespace patchbay::worker
