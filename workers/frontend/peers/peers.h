// The frontend's gRPC ends: accounts and upstream as the interfaces that the engine owns. gRPC's
// headers stay in peers.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/async/event.h"
#include "workers/frontend/engine/upstream_caller.h"
#include "workers/frontend/http/client_auth.h"
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
ModelCatalog::Fetch ModelFetchOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts);
ModelCatalog::Resolve ModelResolveOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts);

// Keeps `auth` up to date, over restarts of accounts, until Stop.
class KeyWatcher {
 public:
  static constexpr std::chrono::milliseconds kReconnectMin{5};
  static constexpr std::chrono::milliseconds kReconnectMax{200};

  KeyWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ClientAuth& auth);
  ~KeyWatcher();
  Awaitable<void> Run();
  void Stop();

 private:
  struct Call;
  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> accounts_;
  ClientAuth& auth_;
  std::unique_ptr<Call> call_;  // null between two streams
  asio::steady_timer pause_timer_;
  bool stopped_ = false;
};

// Whether a connection to the peer stands, giving it a moment (kReachableWait) to come up.
inline constexpr std::chrono::milliseconds kReachableWait{500};
Awaitable<bool> IsReachable(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel);

}  // namespace patchbay::frontend
