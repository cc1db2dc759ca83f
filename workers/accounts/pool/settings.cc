#include "workers/accounts/pool/settings.h"

#include "lib/base/check.h"
#include "lib/time/proto_time.h"

namespace patchbay::accounts {

PoolSettings PoolSettingsOf(const config::v1::Accounts& config) {
  const auto strategy = ParseStrategy(config.strategy());
  PATCHBAY_CHECK(strategy.has_value());  // config.proto lists the same names (`one_of`)
  return {.strategy = *strategy,
          .slots_per_account = config.slots_per_account(),
          .queue_max = static_cast<std::size_t>(config.queue_max()),
          .queue_wait = ToMilliseconds(config.queue_wait()),
          .attempts_max = config.attempts_max(),
          .affinity_max = static_cast<std::size_t>(config.affinity_max()),
          .affinity_ttl = ToMilliseconds(config.affinity_ttl()),
          .lease_grace = ToMilliseconds(config.lease_grace()),
          .recheck_max = ToMilliseconds(config.recheck_max()),
          .traced = config.traces() > 0};
}

}  // namespace patchbay::accounts
