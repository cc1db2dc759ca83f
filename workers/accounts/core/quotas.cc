#include "workers/accounts/core/quotas.h"

#include <algorithm>
#include <map>
#include <utility>

#include "lib/base/random.h"
#include "lib/log/log.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// What time alone changes of a pool (a reset) is told so late at most.
constexpr milliseconds kTellAtLeast{30'000};
constexpr milliseconds kBetweenTrims{3'600'000};

std::map<std::string, std::vector<const PoolAccount*>> ByProvider(const AccountPool& pool) {
  std::map<std::string, std::vector<const PoolAccount*>> by_provider;
  for (const PoolAccount* account : pool.accounts()) by_provider[account->facts.provider].push_back(account);
  return by_provider;
}

Error NoAnswer(const std::string& what) {
  return Error(ErrorCode::kUnavailable,
               "the provider gave no answer about its reset credits that could be read: " + what);
}

}  // namespace

void Quotas::Tick() {
  dirty_ = dirty_ || !changed_.empty();
  for (const AccountId& id : std::exchange(changed_, {})) {
    if (const PoolAccount* account = pool_.Find(id)) Keep(*account);
  }
  const SteadyTime now = clock_.Steady();
  if (dirty_ || !gathered_at_ || now - *gathered_at_ >= kTellAtLeast) Tell();
  if (trimmed_at_ && now - *trimmed_at_ < kBetweenTrims) return;
  trimmed_at_ = now;
  storage_.Submit(
      [before = clock_.Now() - history_](Store& store) { return store.TrimQuotaPoints(before, kPointsKept); },
      [](Result<void>) {});
}

// Quota changes with every answer; once a second is often enough for the disk.
void Quotas::Keep(const PoolAccount& account) {
  std::vector<QuotaPoint> points;
  if (history_.count() > 0) {
    const WallTime now = clock_.Now();
    const WallTime at = now - now.time_since_epoch() % kBetweenPoints;
    for (const Window& window : account.quota.windows()) {
      if (!window.is_rate())
        points.push_back({window.family, window.length, UsedOf(window, now), window.resets_at, at});
    }
  }
  storage_.Submit(
      [id = account.facts.id, quota = account.quota.state(), points = std::move(points)](Store& store) -> Result<void> {
        RETURN_IF_ERROR(store.PutQuota(id, quota));
        return store.AddQuotaPoints(id, points);
      },
      [](Result<void>) {});
}

void Quotas::Tell() {
  if (Gather()) changes_.Changed(kPools);
}

const std::vector<PooledQuota>& Quotas::pools() {
  if (!gathered_at_) Gather();
  return pools_;
}

bool Quotas::Gather() {
  dirty_ = false;
  gathered_at_ = clock_.Steady();
  const WallTime now = clock_.Now();
  std::vector<PooledQuota> pools;
  const Provider* first = providers_.Default();
  for (const auto& [provider, members] : ByProvider(pool_)) {
    PooledQuota pool = PooledQuotaOf(provider, members, now);
    const bool is_first = first != nullptr && first->id == provider;
    pools.insert(is_first ? pools.begin() : pools.end(), std::move(pool));
  }
  if (pools == pools_) return false;
  pools_ = std::move(pools);
  return true;
}

std::vector<Quotas::ProviderOutlook> Quotas::Outlooks() const {
  const WallTime now = clock_.Now();
  std::vector<ProviderOutlook> outlooks;
  for (const auto& [provider, members] : ByProvider(pool_)) {
    std::vector<const Quota*> quotas;
    std::optional<WallTime> back_at;
    int with_room = 0;
    for (const PoolAccount* account : members) {
      if (!CountsInPool(*account, now)) continue;
      quotas.push_back(&account->quota);
      with_room += HasRoom(*account, now) ? 1 : 0;
      const auto& until = account->mark.until;
      if (!HasRoom(*account, now) && until && (!back_at || *until < *back_at)) back_at = until;
    }
    if (quotas.empty()) continue;
    ProviderOutlook told{provider, static_cast<int>(quotas.size()), OutlookOf(quotas, now)};
    // What the pool believes of them says more than their numbers.
    told.outlook.with_room = with_room;
    if (with_room == 0) {
      told.outlook.dry_at = now;
      told.outlook.back_at = back_at;
    }
    outlooks.push_back(std::move(told));
  }
  return outlooks;
}

Awaitable<Result<QuotaPoints>> Quotas::History(AccountId account, std::optional<WallTime> since) {
  std::function<Result<QuotaPoints>(Store&)> read = [account, from = since.value_or(WallTime{})](Store& store) {
    return store.ListQuotaPoints(account, from, kPointsMax);
  };
  co_return co_await storage_.Run<QuotaPoints>(std::move(read));
}

Result<Quotas::ResetCreditsPlace> Quotas::PlaceOf(const AccountId& account) const {
  const StoredAccount* stored = accounts_.Find(account);
  if (stored == nullptr) return Error(ErrorCode::kNotFound, "no such account");
  const Provider* row = providers_.Find(stored->provider);
  const ResetCreditsCode* code = row == nullptr ? nullptr : FindResetCreditsCode(row->row.usage().shape());
  if (code == nullptr || row->row.usage().reset_credits().empty() || row->credential == Credential::kCallers) {
    return Error(ErrorCode::kFailedPrecondition, "provider " + stored->provider + " has no reset credits");
  }
  return ResetCreditsPlace{stored->provider, code};
}

Awaitable<Result<ResetCredits>> Quotas::ListResetCredits(AccountId account) {
  CO_ASSIGN_OR_RETURN(const ResetCreditsPlace place, PlaceOf(account));
  const auto answer = co_await fetcher_.ResetCredits(place.provider, account);
  if (!answer.ok()) co_return NoAnswer(answer.error().message);
  if (answer->status != 200) co_return NoAnswer("status " + std::to_string(answer->status));
  auto credits = place.code->read_list(answer->body.Reveal(), clock_.Now());
  if (!credits) co_return NoAnswer("it is no list of credits");
  co_return std::move(*credits);
}

Awaitable<Result<Redemption>> Quotas::Redeem(AccountId account, std::string credit, std::string redeem_id) {
  CO_ASSIGN_OR_RETURN(const ResetCreditsPlace place, PlaceOf(account));
  if (redeem_id.empty()) redeem_id = RandomUuid();
  const std::string body = place.code->redeem_body(redeem_id, credit);
  auto answer = co_await fetcher_.Redeem(place.provider, account, body);
  // It may have arrived: with the same id nothing is redeemed twice.
  if (!answer.ok()) answer = co_await fetcher_.Redeem(place.provider, account, body);
  if (!answer.ok()) co_return NoAnswer(answer.error().message + " (redeem id " + redeem_id + ")");
  const auto redemption = place.code->read_redemption(answer->body.Reveal());
  if (answer->status != 200 || !redemption) co_return NoAnswer("status " + std::to_string(answer->status));
  log::Warn("reset_credit.redeemed", {{"account", account},
                                      {"outcome", redemption->outcome},
                                      {"windows_reset", redemption->windows_reset},
                                      {"redeem_id", redeem_id}});
  if (redemption->windows_reset > 0) carry_(pool_.WindowsReset(account, Now()));
  co_return *redemption;
}

}  // namespace patchbay::accounts
