// What usage adds up to, in SQL: by hour for whoever asks, by week for the file that OCM's readers know.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lib/base/result.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// How a batch of rows changes the sums: gathered, so that each sum is written once.
class SumChanges {
 public:
  void Add(const UsageRecord& usage) { Count(usage, 1); }
  // Of a row that is about to be corrected.
  void Take(const UsageRecord& usage) { Count(usage, -1); }
  // In the caller's transaction.
  Result<void> Write(sqlite::Database& database) const;

 private:
  // hour, client key, account, provider, model, tier
  using HourKey = std::tuple<std::int64_t, std::string, std::string, std::string, std::string, std::string>;
  // week, model, tier, long context, client key
  using WeekKey = std::tuple<std::int64_t, std::string, std::string, bool, std::string>;

  void Count(const UsageRecord& usage, std::int64_t times);
  Result<void> WriteHours(sqlite::Database& database) const;
  Result<void> WriteWeeks(sqlite::Database& database) const;
  Result<void> WriteKeyDays(sqlite::Database& database) const;

  std::map<HourKey, UsageSum> hours_;
  std::map<WeekKey, WeekUsage> weeks_;
  std::map<std::pair<std::int64_t, std::string>, KeyDay> key_days_;  // day, client key
};

// As those of Store. `forgotten_until`: of requests that began by then, some rows are gone.
Result<UsageSums> SumUsage(sqlite::Database& database, const UsageQuestion& question, WallTime forgotten_until);
Result<std::vector<WeekUsage>> LoadWeeks(sqlite::Database& database);
Result<std::vector<KeyDay>> LoadKeyDays(sqlite::Database& database, std::chrono::sys_days since);
// Those that no budget's period can reach any more.
Result<void> ForgetKeyDays(sqlite::Database& database);

}  // namespace patchbay::accounts
