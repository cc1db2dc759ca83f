// What a provider's accounts have left together, as their clients are told. Pure.
//
// A window of the pool is the mean of the accounts' windows of that limit and length, by the accounts' weights, and
// resets when the first of them does that has something to reset. Where every account is used up, the pool is the one
// that is back first: its numbers are what its clients wait for. What nobody has told is not there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/pool/account.h"

namespace patchbay::accounts {

struct PooledQuota {
  struct Span {
    std::string family;  // as in Window
    std::chrono::seconds length{0};
    double used_percent = 0;
    std::optional<WallTime> resets_at;
    friend bool operator==(const Span&, const Span&) = default;
  };
  std::string provider;
  AccountId callers_account;  // stands for callers' own logins; then the rest is empty
  std::string plan;           // of most accounts
  bool has_room = false;
  std::vector<Span> windows;  // by limit and length
  std::optional<CreditFacts> credits;
  std::map<std::string, std::string> limit_names;
  std::optional<WallTime> back_at;  // without room
  friend bool operator==(const PooledQuota&, const PooledQuota&) = default;
};

// Whether it would serve if it had quota.
bool CountsInPool(const PoolAccount& account, WallTime now);
bool HasRoom(const PoolAccount& account, WallTime now);
// `accounts`: the provider's.
PooledQuota PooledQuotaOf(std::string provider, const std::vector<const PoolAccount*>& accounts, WallTime now);

}  // namespace patchbay::accounts
