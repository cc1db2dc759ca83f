#include "workers/accounts/pool/affinity.h"

namespace patchbay::accounts {

void Affinity::Configure(std::size_t entries_max, std::chrono::milliseconds ttl) {
  entries_max_ = entries_max;
  ttl_ = ttl;
  while (order_.size() > entries_max_) {
    by_key_.erase(order_.back().key);
    order_.pop_back();
  }
}

std::optional<AccountId> Affinity::Peek(const std::string& key, SteadyTime now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || now - found->second->used_at > ttl_) return std::nullopt;
  return found->second->account;
}

std::optional<AccountId> Affinity::Find(const std::string& key, SteadyTime now) {
  Trim(now);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  found->second->used_at = now;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->account;
}

std::optional<AccountId> Affinity::Bind(const std::string& key, const AccountId& account, SteadyTime now) {
  if (key.empty() || key.size() > kMaxKeyBytes || entries_max_ == 0) return std::nullopt;
  Trim(now);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    found->second->used_at = now;
    order_.splice(order_.begin(), order_, found->second);
    if (found->second->account == account) return std::nullopt;
    return std::exchange(found->second->account, account);
  }
  if (order_.size() >= entries_max_) {
    by_key_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({key, account, now});
  by_key_.emplace(key, order_.begin());
  return std::nullopt;
}

void Affinity::Forget(const AccountId& account) {
  for (auto entry = order_.begin(); entry != order_.end();) {
    if (entry->account != account) {
      ++entry;
      continue;
    }
    by_key_.erase(entry->key);
    entry = order_.erase(entry);
  }
}

// The list is ordered by use, so everything that is too old is at its end.
void Affinity::Trim(SteadyTime now) {
  while (!order_.empty() && now - order_.back().used_at > ttl_) {
    by_key_.erase(order_.back().key);
    order_.pop_back();
  }
}

}  // namespace patchbay::accounts
