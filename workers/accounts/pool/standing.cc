#include "workers/accounts/pool/standing.h"

namespace patchbay::accounts {

std::optional<events::v1::EventKind> KindOf(AccountState from, AccountState to) {
  if (from == to) return std::nullopt;
  switch (to) {
    case AccountState::kExpired: return events::v1::EVENT_KIND_NEEDS_LOGIN;
    case AccountState::kBanned: return events::v1::EVENT_KIND_BANNED;
    case AccountState::kExhausted: return events::v1::EVENT_KIND_EXHAUSTED;
    case AccountState::kActive:
    case AccountState::kThrottled:
      if (from == AccountState::kExpired || from == AccountState::kBanned || from == AccountState::kExhausted) {
        return events::v1::EVENT_KIND_RECOVERED;
      }
      return std::nullopt;
    case AccountState::kDisabled: return std::nullopt;
  }
  return std::nullopt;
}

void Standings::Add(const std::string& provider, Part part, int count) {
  Stock& stock = stocks_[provider];
  stock.parts[part] += count;
  stock.stirred = stirred_ = true;
}

void Standings::Count(const PoolAccount& account) {
  const auto part_of = [](AccountState state) {
    switch (state) {
      case AccountState::kActive:
      case AccountState::kThrottled: return Part::kAble;
      case AccountState::kExhausted: return Part::kExhausted;
      case AccountState::kExpired:
      case AccountState::kBanned: return Part::kStuck;
      case AccountState::kDisabled: return Part::kOut;
    }
    return Part::kOut;
  };
  const std::pair now(account.facts.provider, part_of(account.state()));
  const auto [known, added] = counted_.try_emplace(account.facts.id, now);
  if (!added) {
    if (known->second == now) return;
    Add(known->second.first, known->second.second, -1);
    known->second = now;
  }
  Add(now.first, now.second, 1);
}

void Standings::Remove(const AccountId& account) {
  const auto known = counted_.find(account);
  if (known == counted_.end()) return;
  Add(known->second.first, known->second.second, -1);
  counted_.erase(known);
}

std::vector<std::pair<std::string, Standings::Standing>> Standings::TakeChanges() {
  std::vector<std::pair<std::string, Standing>> changes;
  const bool first = !std::exchange(begun_, true);
  if (!std::exchange(stirred_, false)) return changes;
  for (auto& [provider, stock] : stocks_) {
    if (!std::exchange(stock.stirred, false)) continue;
    auto& parts = stock.parts;
    Standing now = Standing::kServes;  // also one without an account: who removes the last one knows
    if (parts[Part::kAble] == 0 && parts[Part::kExhausted] > 0) {
      now = Standing::kExhausted;
    } else if (parts[Part::kAble] == 0 && parts[Part::kStuck] > 0) {
      now = Standing::kStuck;
    }
    const bool removed = parts[Part::kAble] == 0 && now == Standing::kServes;
    if (!first && !removed && stock.told != now) changes.emplace_back(provider, now);
    stock.told = now;
  }
  return changes;
}

}  // namespace patchbay::accounts
