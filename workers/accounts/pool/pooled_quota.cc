#include "workers/accounts/pool/pooled_quota.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "lib/base/number.h"

namespace patchbay::accounts {
namespace {

// A pool that has room is not shown as used up, however its numbers round.
constexpr double kNearlyAll = 99;

struct Sum {
  double weight = 0;
  double used = 0;
  std::optional<WallTime> resets_at;       // the first, of those that have something to reset
  std::optional<WallTime> idle_resets_at;  // of the others
};

void Earlier(std::optional<WallTime>& earliest, std::optional<WallTime> time, WallTime now) {
  if (time && *time > now && (!earliest || *time < *earliest)) earliest = time;
}

std::string MostHave(const std::vector<const PoolAccount*>& accounts) {
  std::map<std::string, int> count;
  std::string most;
  for (const PoolAccount* account : accounts) {
    const std::string& plan = account->facts.plan;
    if (!plan.empty() && (++count[plan] > count[most] || most.empty())) most = plan;
  }
  return most;
}

// The sum of what can be added up; a balance that is no number leaves it out.
std::optional<CreditFacts> CreditsOf(const std::vector<const PoolAccount*>& accounts) {
  std::optional<CreditFacts> all;
  double balance = 0;
  bool adds_up = true;
  for (const PoolAccount* account : accounts) {
    const auto& credits = account->quota.state().credits;
    if (!credits) continue;
    if (!all) all = CreditFacts{};
    all->has = all->has || credits->has;
    all->unlimited = all->unlimited || credits->unlimited;
    if (!credits->has) continue;
    const auto number = ParseNumber<double>(credits->balance);
    adds_up = adds_up && number;
    balance += number.value_or(0);
  }
  if (all && all->has && adds_up) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), balance, std::chars_format::fixed, 2).ptr;
    all->balance.assign(text, end);
  }
  return all;
}

const PoolAccount* FirstBack(const std::vector<const PoolAccount*>& accounts) {
  const PoolAccount* first = nullptr;
  for (const PoolAccount* account : accounts) {
    if (!account->mark.until) continue;
    if (first == nullptr || *account->mark.until < *first->mark.until) first = account;
  }
  return first;
}

std::vector<PooledQuota::Span> WindowsOf(const std::vector<const PoolAccount*>& accounts, bool has_room, WallTime now) {
  std::map<std::pair<std::string, std::chrono::seconds>, Sum> sums;
  for (const PoolAccount* account : accounts) {
    for (const Window& window : account->quota.windows()) {
      if (window.is_rate()) continue;
      Sum& sum = sums[{window.family, window.length}];
      const double used = UsedOf(window, now);
      sum.weight += account->facts.weight;
      sum.used += account->facts.weight * used;
      Earlier(used > 0 ? sum.resets_at : sum.idle_resets_at, window.resets_at, now);
    }
  }
  std::vector<PooledQuota::Span> windows;
  for (const auto& [key, sum] : sums) {
    double used = sum.used / sum.weight;
    if (key.first.empty() && has_room) used = std::min(used, kNearlyAll);
    windows.push_back({key.first, key.second, used, sum.resets_at ? sum.resets_at : sum.idle_resets_at});
  }
  return windows;
}

}  // namespace

bool CountsInPool(const PoolAccount& account, WallTime now) {
  if (!account.facts.enabled || account.facts.is_callers) return false;
  if (Severity(account.mark.state) > Severity(AccountState::kExhausted)) return false;
  return account.facts.has_refresh_token || (account.facts.has_access_token && !account.token_expired(now));
}

bool HasRoom(const PoolAccount& account, WallTime now) {
  return CountsInPool(account, now) && account.mark.state != AccountState::kExhausted;
}

PooledQuota PooledQuotaOf(std::string provider, const std::vector<const PoolAccount*>& accounts, WallTime now) {
  PooledQuota pool;
  pool.provider = std::move(provider);
  std::vector<const PoolAccount*> members;
  for (const PoolAccount* account : accounts) {
    if (account->facts.is_callers && account->facts.enabled) pool.callers_account = account->facts.id;
    if (CountsInPool(*account, now)) members.push_back(account);
  }
  if (!pool.callers_account.empty()) return pool;
  pool.plan = MostHave(members);
  pool.has_room = std::any_of(members.begin(), members.end(), [&](const auto* a) { return HasRoom(*a, now); });
  pool.credits = CreditsOf(members);
  for (const PoolAccount* account : members) {
    pool.limit_names.insert(account->quota.state().limit_names.begin(), account->quota.state().limit_names.end());
  }
  const PoolAccount* first = pool.has_room ? nullptr : FirstBack(members);
  if (first != nullptr) {
    pool.back_at = first->mark.until;
    members = {first};
  }
  pool.windows = WindowsOf(members, pool.has_room, now);
  return pool;
}

}  // namespace patchbay::accounts
