#include "workers/accounts/pool/settings.h"

#include <google/protobuf/map_field.h>

#include <map>
#include <utility>

#include "lib/base/check.h"
#include "lib/time/proto_time.h"

namespace patchbay::accounts {

PoolSettings PoolSettingsOf(const config::v1::Accounts& config) {
  const auto strategy = ParseStrategy(config.strategy());
  PATCHBAY_CHECK(strategy.has_value());  // config.proto lists the same names (`one_of`)
  std::vector<Reserve> reserves;
  // Protobuf keeps no order; places in the list must be the same each time.
  const std::map<std::string, config::v1::Reserve> named(config.reserves().begin(), config.reserves().end());
  for (const auto& [name, reserve] : named) {
    reserves.push_back({static_cast<double>(reserve.percent()),
                        std::chrono::duration_cast<std::chrono::seconds>(ToMilliseconds(reserve.window())),
                        {reserve.keys().begin(), reserve.keys().end()},
                        {reserve.tags().begin(), reserve.tags().end()},
                        reserve.provider()});
  }
  return {.strategy = *strategy,
          .slots_per_account = config.slots_per_account(),
          .queue_max = static_cast<std::size_t>(config.queue_max()),
          .queue_wait = ToMilliseconds(config.queue_wait()),
          .attempts_max = config.attempts_max(),
          .affinity_max = static_cast<std::size_t>(config.affinity_max()),
          .affinity_ttl = ToMilliseconds(config.affinity_ttl()),
          .lease_grace = ToMilliseconds(config.lease_grace()),
          .recheck_max = ToMilliseconds(config.recheck_max()),
          .reserves = std::move(reserves),
          .verdicts = OperatorVerdictsOf(config),
          .stale_after = ToMilliseconds(config.quota().stale_after()),
          .checks_per_minute = config.quota().checks_per_minute(),
          .skip_exhausted = config.quota().skip_exhausted(),
          .warn_percent = config.quota().warn_percent(),
          .warn_again_percent = config.quota().warn_again_percent(),
          .traced = config.traces() > 0};
}

}  // namespace patchbay::accounts
