// A client key's terms as they are typed. Pure: the time is a parameter.
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::cli {

// What was given; what was not is empty.
struct KeyTermTexts {
  std::vector<std::string> models, providers, tags, dialects, tiers, sources, budgets;
  std::string highest_effort, on_budget, expires, quota_view;
  std::optional<std::int32_t> requests_per_minute, concurrency;
  std::optional<std::int64_t> tokens_per_minute;
  std::vector<std::string> cleared;  // of kClearable
};

// The terms by the names that options have: what `--clear` takes.
inline constexpr std::array<std::string_view, 13> kClearable = {
    "model", "provider", "tag",         "dialect", "tier",      "highest-effort", "source",
    "rpm",   "tpm",      "concurrency", "budget",  "on-budget", "expires"};

struct KeyTermChanges {
  accounts::v1::KeyTerms terms;
  google::protobuf::FieldMask mask;  // of `terms`: given or cleared
  std::optional<WallTime> expires_at;
  bool never_expires = false;
  std::optional<accounts::v1::QuotaView> quota_view;

  bool empty() const { return mask.paths().empty() && !expires_at && !never_expires && !quota_view; }
};

// kInvalidArgument: what cannot be read, what cannot be, and what is given and cleared at once.
Result<KeyTermChanges> ChangesOf(const KeyTermTexts& texts, WallTime now);

// "30d" from now, "2027-01-31" (its beginning, UTC), "2027-01-31T12:00:00Z"; it lies ahead. Nothing for "never".
Result<std::optional<WallTime>> ParseExpiry(std::string_view text, WallTime now);

}  // namespace patchbay::cli
