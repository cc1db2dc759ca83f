// What clients are told of quota when they ask.
#pragma once

#include <functional>

#include "lib/async/time_source.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/frontend/http/request.h"
#include "workers/frontend/quota/client_quotas.h"

namespace patchbay::frontend {

// Asks a provider for the quota of the caller's own login.
using AskCallersUsage =
    std::function<Awaitable<Result<upstream::v1::CallersUsageReply>>(upstream::v1::CallersUsageRequest request)>;

class QuotaHandler {
 public:
  // All outlive the handler and its requests. `ask` null: providers cannot be asked.
  QuotaHandler(async::TimeSource& time, ClientQuotas& quotas, AskCallersUsage ask)
      : time_(time), quotas_(quotas), ask_(std::move(ask)) {}

  // In the form of the route's dialect.
  Awaitable<void> Quota(Request& request);
  // In ours, for the holder of the key.
  Awaitable<void> KeyUsage(Request& request);
  // Those of accounts are their operator's: clients have none.
  Awaitable<void> ResetCredits(Request& request);
  Awaitable<void> Redeem(Request& request);

 private:
  // The provider's own answer to the caller's own login.
  Awaitable<void> CallersQuota(Request& request, const accounts::v1::PoolQuota& pool);
  std::int64_t NowInSeconds() const;

  async::TimeSource& time_;
  ClientQuotas& quotas_;
  const AskCallersUsage ask_;
};

}  // namespace patchbay::frontend
