// What the configuration says of the pool.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/pool/operator_verdict.h"
#include "workers/accounts/pool/reserve.h"
#include "workers/accounts/pool/strategy.h"

namespace patchbay::accounts {

// From the section `accounts` of the configuration, which has the defaults.
struct PoolSettings {
  Strategy strategy{};
  int slots_per_account = 0;
  std::size_t queue_max = 0;
  std::chrono::milliseconds queue_wait{0};
  int attempts_max = 0;
  std::size_t affinity_max = 0;
  std::chrono::milliseconds affinity_ttl{0};
  std::chrono::milliseconds lease_grace{0};
  std::chrono::milliseconds recheck_max{0};
  std::vector<Reserve> reserves;
  std::vector<OperatorVerdict> verdicts;
  std::chrono::milliseconds stale_after{0};  // 0: never
  int checks_per_minute = 0;
  bool skip_exhausted = false;
  int warn_percent = 0, warn_again_percent = 0;  // percent; 0: never
  bool traced = false;                           // each choice says among which accounts it was made
};

PoolSettings PoolSettingsOf(const config::v1::Accounts& config);

}  // namespace patchbay::accounts
