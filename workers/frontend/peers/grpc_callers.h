// The frontend's gRPC ends: accounts and upstream as the interfaces that engine, models and sockets own. gRPC's headers
// stay in grpc_callers.cc.
#pragma once

#include <memory>

#include "lib/async/asio.h"
#include "workers/frontend/engine/upstream_caller.h"
#include "workers/frontend/http/quota_handler.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/peers/lease_client.h"
#include "workers/frontend/responses_socket/upstream_socket.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

LeaseClient::OpenStream LeaseStreamOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts);
std::unique_ptr<UpstreamCaller> UpstreamCallerOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream);
std::unique_ptr<SocketCaller> SocketCallerOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream);
AskCallersUsage CallersUsageOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream);
ModelCatalog::Resolve ModelResolveOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts);

}  // namespace patchbay::frontend
