// Keeps the list of models that accounts tells: whole, and again at each change.
#pragma once

#include <memory>

#include "lib/async/asio.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/peers/reconnect.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

class ModelWatcher {
 public:
  // The references outlive this.
  ModelWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ModelCatalog& models);
  ~ModelWatcher();

  // Watches until Stop. While accounts is away the list stays as it was.
  Awaitable<void> Run();
  void Stop();

 private:
  struct Call;

  Awaitable<bool> Watch();

  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> accounts_;
  ModelCatalog& models_;
  std::unique_ptr<Call> call_;  // null while there is none
  Reconnect reconnect_;
};

}  // namespace patchbay::frontend
