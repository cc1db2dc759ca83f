// Which account a conversation belongs to: a bounded map, least recently used out first, with a time to live.
//
// Prompt caches and encrypted reasoning live with an account, so a conversation stays where its first turn was.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "workers/accounts/pool/ids.h"

namespace patchbay::accounts {

// A conversation and its account, as it is kept over a restart.
struct Binding {
  std::string key;
  AccountId account;
  SteadyTime used_at;
};

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

  // What was bound, moved, or used again after a while, since the last call.
  std::vector<Binding> TakeUnsaved();
  // What was saved and used before this is not needed any more.
  SteadyTime ForgottenBefore(SteadyTime now) const;
  // `bindings` in the order of their use, the latest first.
  void Restore(const std::vector<Binding>& bindings, SteadyTime now);

 private:
  struct Entry {
    std::string key;
    AccountId account;
    SteadyTime used_at;
    SteadyTime saved_at;  // the use that was offered last for saving
  };
  void Trim(SteadyTime now);
  void DropLast();
  void Use(Entry& entry, SteadyTime now);
  // Uses are saved this seldom, so the saved ones may be this old.
  std::chrono::milliseconds saving_lag() const { return ttl_ / 8; }

  std::size_t entries_max_ = 0;
  std::chrono::milliseconds ttl_{0};
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
  std::unordered_set<std::string> unsaved_;
};

}  // namespace patchbay::accounts
