#include "workers/accounts/pool/affinity.h"

#include <algorithm>
#include <iterator>

namespace patchbay::accounts {

void Affinity::Configure(std::size_t entries_max, std::chrono::milliseconds ttl) {
  entries_max_ = entries_max;
  ttl_ = ttl;
  while (order_.size() > entries_max_) {
    DropLast();
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
  Use(*found->second, now);
  order_.splice(order_.begin(), order_, found->second);
  return found->second->account;
}

void Affinity::Use(Entry& entry, SteadyTime now) {
  entry.used_at = now;
  if (now - entry.saved_at > saving_lag()) unsaved_.insert(entry.key);
}

std::optional<AccountId> Affinity::Bind(const std::string& key, const AccountId& account, SteadyTime now) {
  if (key.empty() || key.size() > kMaxKeyBytes || entries_max_ == 0) return std::nullopt;
  Trim(now);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    Use(*found->second, now);
    order_.splice(order_.begin(), order_, found->second);
    if (found->second->account == account) return std::nullopt;
    unsaved_.insert(key);
    return std::exchange(found->second->account, account);
  }
  if (order_.size() >= entries_max_) {
    DropLast();
  }
  order_.push_front({key, account, now, now});
  by_key_.emplace(key, order_.begin());
  unsaved_.insert(key);
  return std::nullopt;
}

std::vector<Binding> Affinity::TakeUnsaved() {
  std::vector<Binding> bindings;
  bindings.reserve(unsaved_.size());
  for (const std::string& key : std::exchange(unsaved_, {})) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) continue;  // forgotten meanwhile
    Entry& entry = *found->second;
    entry.saved_at = entry.used_at;
    bindings.push_back({key, entry.account, entry.used_at});
  }
  return bindings;
}

SteadyTime Affinity::ForgottenBefore(SteadyTime now) const {
  const bool full = !order_.empty() && order_.size() >= entries_max_;
  return (full ? std::max(order_.back().used_at, now - ttl_) : now - ttl_) - saving_lag();
}

void Affinity::Restore(const std::vector<Binding>& bindings, SteadyTime now) {
  for (const Binding& binding : bindings) {
    const bool fits = order_.size() < entries_max_ && !binding.key.empty() && binding.key.size() <= kMaxKeyBytes;
    if (!fits || now - binding.used_at > ttl_ || by_key_.contains(binding.key)) continue;
    order_.push_back({binding.key, binding.account, std::min(binding.used_at, now), binding.used_at});
    by_key_.emplace(binding.key, std::prev(order_.end()));
  }
}

void Affinity::Forget(const AccountId& account) {
  for (auto entry = order_.begin(); entry != order_.end();) {
    if (entry->account != account) {
      ++entry;
      continue;
    }
    unsaved_.erase(entry->key);
    by_key_.erase(entry->key);
    entry = order_.erase(entry);
  }
}

void Affinity::DropLast() {
  unsaved_.erase(order_.back().key);
  by_key_.erase(order_.back().key);
  order_.pop_back();
}

// The list is ordered by use, so everything that is too old is at its end.
void Affinity::Trim(SteadyTime now) {
  while (!order_.empty() && now - order_.back().used_at > ttl_) {
    DropLast();
  }
}

}  // namespace patchbay::accounts
