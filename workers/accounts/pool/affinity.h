// Which account a conversation belongs to: a bounded map, least recently used out first, with a time to live.
//
// Prompt caches and encrypted reasoning live with an account, so a conversation stays where its first turn was.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "lib/base/clock.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

class Affinity {
 public:
  // Longer keys are not remembered: the frontend hashes what could be long.
  static constexpr std::size_t kMaxKeyBytes = 256;

  void Configure(std::size_t entries_max, std::chrono::milliseconds ttl);
  // The account of `key`; touches the entry.
  std::optional<AccountId> Find(const std::string& key, SteadyTime now);
  // The same without touching anything.
  std::optional<AccountId> Peek(const std::string& key, SteadyTime now) const;
  // Binds `key`. Returns the account it was bound to before, when that was another one.
  std::optional<AccountId> Bind(const std::string& key, const AccountId& account, SteadyTime now);
  void Forget(const AccountId& account);
  std::size_t size() const { return order_.size(); }

 private:
  struct Entry {
    std::string key;
    AccountId account;
    SteadyTime used_at;
  };
  void Trim(SteadyTime now);

  std::size_t entries_max_ = 0;
  std::chrono::milliseconds ttl_{0};
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace patchbay::accounts
