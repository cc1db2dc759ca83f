#include "workers/frontend/peers/readiness.h"

#include <string>
#include <utility>
#include <vector>

#include "workers/frontend/peers/reachable.h"

namespace patchbay::frontend {

Readiness ReadinessOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream, const LeaseClient& leases,
                      const ClientAuth& auth, ModelCatalog& models) {
  return [&reactor, &leases, &auth, &models, upstream = std::move(upstream)]() -> Awaitable<std::vector<std::string>> {
    std::vector<std::string> reasons;
    const bool reachable = co_await IsReachable(reactor, upstream);
    if (!reachable) reasons.emplace_back("upstream is not reachable");
    if (!leases.connected()) reasons.emplace_back("accounts is not reachable");
    if (!auth.synced()) {
      reasons.emplace_back("the client keys are not known yet");
    } else if (auth.size() == 0) {
      reasons.emplace_back("there is no client key");
    }
    const auto list = models.now();  // who asks whether we are ready is told now, not when we are
    if (list == nullptr || list->models_size() == 0) reasons.emplace_back("no account serves any model");
    co_return reasons;
  };
}

}  // namespace patchbay::frontend
