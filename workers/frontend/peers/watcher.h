// What accounts streams to whoever keeps it: the client keys, the list of models, the pools' quota.
#pragma once

#include <memory>

#include "lib/async/asio.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/peers/reconnect.h"
#include "workers/frontend/quota/client_quotas.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

// Keeps `keeper` up to date, over restarts of accounts, until Stop. While accounts is away it stays as it was.
template <class Keeper>
class Watcher {
 public:
  // The references outlive this.
  Watcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, Keeper& keeper);
  ~Watcher();

  Awaitable<void> Run();
  void Stop();

 private:
  struct Call;
  Awaitable<bool> Watch();

  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> accounts_;
  Keeper& keeper_;
  std::unique_ptr<Call> call_;  // null between two streams
  Reconnect reconnect_;
};

extern template class Watcher<ClientAuth>;
extern template class Watcher<ModelCatalog>;
extern template class Watcher<ClientQuotas>;
using QuotaWatcher = Watcher<ClientQuotas>;
using KeyWatcher = Watcher<ClientAuth>;
using ModelWatcher = Watcher<ModelCatalog>;

}  // namespace patchbay::frontend
