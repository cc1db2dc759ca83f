// What was used: a row for each request, and what rows add up to, in our own words. No SQL here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

// accounts.v1.OUTCOME_LOST: the one outcome that a later settlement corrects.
inline constexpr int kOutcomeLost = 4;

struct UsageRecord {
  LeaseId lease;
  RequestId request;
  AccountId account;
  ClientKeyId client_key;
  std::string model;  // as the client asked for it
  std::string provider;
  std::string wire_model;  // as the provider was asked for it
  std::string served_model;
  std::string service_tier;  // that the provider was asked for, "priority"; empty for its default
  std::string served_tier;   // in which it says that it served, "standard"; empty: it did not say
  std::string dialect;
  int outcome = 0;  // accounts.v1.Outcome
  std::int64_t input_tokens = 0;
  std::int64_t cached_input_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  bool usage_estimated = false;  // counted from what passed: the provider did not tell
  // At the price of its time; empty: no price is known, or what was used is not. The rest of it as in CallCost.
  std::optional<std::int64_t> cost_nano_dollars;
  bool subscription = false;     // the cost is what it would have been by the token
  bool outside_budgets = false;  // its key's budgets had no room for what was asked for: its fallback served
  // Not kept in the row: what else sums are made by.
  bool long_context = false;
  std::optional<WallTime> week_started_at;  // of the account's weekly window
  WallTime started_at{};
  std::optional<std::chrono::milliseconds> first_output;
  std::chrono::milliseconds total{0};
  int attempts = 1;
  std::string failure;
};

inline constexpr std::string_view kStandardTier = "standard";

// The tier that a call was served in, as far as anybody knows; empty for the standard one.
inline std::string_view TierOf(const UsageRecord& usage) {
  if (usage.served_tier == kStandardTier) return {};
  return usage.served_tier.empty() ? usage.service_tier : usage.served_tier;
}

// What became of a row that was offered.
enum class RowAdded {
  kKnown,     // one of this lease is there already, and nothing was counted again
  kFilledIn,  // one that said the call was lost says by now how it ended, and what it used is counted
  kNew,
};

struct UsagePage {
  std::vector<UsageRecord> rows;  // newest first
  std::int64_t total_rows = 0;
};

// Which requests; empty for all.
struct UsageFilter {
  std::string client_key, account, provider, wire_model;
  std::optional<WallTime> since, until;  // they began in [since, until)
};

enum class UsageBy { kAll, kKey, kAccount, kProvider, kModel, kDay, kHour };

// Requests added up.
struct UsageSum {
  std::int64_t requests = 0, failed = 0, abandoned = 0, lost = 0, estimated = 0, unpriced = 0;
  std::int64_t input_tokens = 0, cached_input_tokens = 0, cache_write_tokens = 0, output_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::int64_t cost_nano_dollars = 0, subscription_nano_dollars = 0;
  std::int64_t total_ms = 0;                            // of all together
  std::int64_t first_output_ms = 0, first_outputs = 0;  // of those that had any output
};

struct UsageQuestion {
  UsageBy by = UsageBy::kAll;
  UsageFilter filter;  // with both times
  // What is added to UTC for a day of the asker's.
  std::chrono::minutes utc_offset{0};
  int limit = 0;
};

struct UsageGroup {
  std::string of;      // "" for all, and for days and hours
  WallTime begins_at;  // of a day or an hour
  UsageSum sum;
};

struct UsageSums {
  std::vector<UsageGroup> groups;  // as many as were asked for
  bool more = false;
  UsageSum all;
  WallTime since{}, until{};  // that they are of: moved out to full hours where there are no rows any more
};

// What stands in the file of `accounts.usage.usages_path`: sums by week.
struct WeekUsage {
  std::optional<WallTime> week_started_at;  // empty where no account told of a week
  std::string model, tier;
  bool long_context = false;
  std::string client_key;
  std::int64_t requests = 0, input_tokens = 0, cached_input_tokens = 0, output_tokens = 0, cost_nano_dollars = 0;
};

// What may go, in steps of so many rows.
struct UsageRetention {
  WallTime requests_before{};
  std::int64_t requests_max = 0;
  WallTime hours_before{};
  int step = 0;
};

}  // namespace patchbay::accounts
