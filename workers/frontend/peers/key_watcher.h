// The client keys, as accounts streams them.
#pragma once

#include <memory>

#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/peers/reconnect.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

// Keeps `auth` up to date, over restarts of accounts, until Stop.
class KeyWatcher {
 public:
  KeyWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ClientAuth& auth);
  ~KeyWatcher();

  Awaitable<void> Run();
  void Stop();

 private:
  struct Call;
  Awaitable<bool> Watch();

  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> accounts_;
  ClientAuth& auth_;
  std::unique_ptr<Call> call_;  // null between two streams
  Reconnect reconnect_;
};

}  // namespace patchbay::frontend
