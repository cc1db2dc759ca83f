#include "workers/accounts/limits/key_limits.h"

#include <algorithm>
#include <utility>

#include "lib/keyterms/budget.h"
#include "lib/time/time_text.h"
#include "workers/accounts/limits/minute_window.h"
#include "workers/accounts/limits/period.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// Days on which the key was used, however far apart: a clock that was wrong for a while shall cost none. No period is
// longer.
constexpr std::size_t kDaysKept = 100;
constexpr std::chrono::seconds kMinuteKept{62};
// What is only set aside comes back with the next call that ends.
constexpr milliseconds kReservedRetry{1000};

std::int64_t InUnitOf(const v1::Budget& budget, const Amounts& amounts) {
  return budget.has_tokens() ? amounts.tokens : amounts.nano_dollars;
}

bool IsSame(const v1::Budget& a, const v1::Budget& b) {
  return a.period() == b.period() && a.has_tokens() == b.has_tokens() && keyterms::AmountOf(a) == keyterms::AmountOf(b);
}

// The least that is so much of a budget, also of one of a few tokens, and of one too large to be multiplied.
std::int64_t LowFrom(std::int64_t amount) {
  constexpr std::int64_t kPercent = KeyLimits::kLowPercent;
  return amount / 100 * kPercent + (amount % 100 * kPercent + 99) / 100;
}

std::string PartOf(const v1::Budget& budget) {
  return "budget of a " + std::string(keyterms::PeriodName(budget.period()));
}

std::string RateText(std::int64_t count, const char* what) {
  return "the client key is limited to " + std::to_string(count) + what;
}

}  // namespace

struct KeyLimits::Key {
  struct OfBudget {
    v1::Budget budget;
    std::optional<std::chrono::sys_days> told_low;  // in the period that began then
  };

  ClientKeyId id;
  int requests_per_minute = 0;
  std::int64_t tokens_per_minute = 0;
  int concurrency = 0;
  std::vector<OfBudget> budgets;
  std::shared_ptr<Days> days;
  std::shared_ptr<std::vector<ClientKeyId>> freed;
  MinuteWindow requests, tokens;
  int open = 0;
  Amounts aside;  // by all holds together
  bool stirred = true;
  SteadyTime minute_until{};  // its minute is empty from then on

  // Tokens of the minute that a call of that size takes: one that is larger than a whole minute takes all of it.
  std::int64_t OfMinute(std::int64_t estimate) const {
    return tokens_per_minute > 0 ? std::min(estimate, tokens_per_minute) : 0;
  }
};

std::int64_t KeyLimits::UsedIn(const Days& days, const v1::Budget& budget, WallTime now) {
  const Period period = PeriodAt(budget.period(), now);
  std::int64_t used = 0;
  for (auto day = days.lower_bound(period.begin); day != days.end() && day->first < period.end; ++day) {
    used += InUnitOf(budget, day->second);
  }
  return used;
}

const v1::Budget* KeyLimits::Full(const Key& key, const Amounts& more, WallTime now) {
  Amounts wanted = key.aside;
  wanted += more;
  for (const Key::OfBudget& of : key.budgets) {
    const std::int64_t amount = keyterms::AmountOf(of.budget);
    const std::int64_t used = UsedIn(*key.days, of.budget, now);
    // Also a call of which nothing is known to be set aside does not begin once all is used.
    if (used >= amount || used + InUnitOf(of.budget, wanted) > amount) return &of.budget;
  }
  return nullptr;
}

// ---- holds ----

KeyLimits::Hold::~Hold() {
  SetAside({});
  if (!open_) return;
  // Never made, or lost: nothing is recorded of it.
  key_->tokens.Add(-minute_tokens_, begun_at_, begun_at_);
  --key_->open;
  key_->freed->push_back(key_->id);
}

void KeyLimits::Hold::SetAside(const Amounts& amounts) {
  key_->aside -= aside_;
  aside_ = amounts;
  key_->aside += aside_;
  key_->stirred = true;
}

bool KeyLimits::Hold::HasRoomFor(const HeldFor& model, const Moment& now) const {
  if (fallback_) return true;
  Amounts more = EstimateOf(model, now);
  more -= aside_;  // it is given up for that
  return Full(*key_, more, now.wall) == nullptr;
}

bool KeyLimits::Hold::MoveTo(const HeldFor& model, const Moment& now) {
  if (!HasRoomFor(model, now)) return false;
  if (!fallback_) SetAside(EstimateOf(model, now));
  return true;
}

Amounts KeyLimits::Hold::EstimateOf(HeldFor model, const Moment& now) const {
  if (model.tier.empty()) model.tier = tier_;
  return estimates_.Of(size_, model, now.wall);
}

void KeyLimits::Hold::Ended(const Amounts& used, const Moment& now) {
  if (!std::exchange(open_, false)) return;
  --key_->open;
  key_->freed->push_back(key_->id);
  key_->minute_until = now.steady + kMinuteKept;
  if (key_->tokens_per_minute > 0) key_->tokens.Add(used.tokens - minute_tokens_, begun_at_, now.steady);
  if (!fallback_) SetAside(used);
}

// ---- the keys ----

void KeyLimits::Forget(const ClientKeyId& id) {
  keys_.erase(id);
  days_.erase(id);
  freed_->push_back(id);  // who waits in its line is told so now
}

void KeyLimits::Put(const ClientKeyId& id, const v1::KeyTerms& terms, const Moment& now) {
  const bool limits = terms.requests_per_minute() > 0 || terms.tokens_per_minute() > 0 || terms.concurrency() > 0 ||
                      terms.budgets_size() > 0;
  // While calls of it are under way they are counted: it may be given limits again.
  const auto known = keys_.find(id);
  if (!limits && (known == keys_.end() || known->second->open == 0)) {
    keys_.erase(id);
    return;
  }
  std::shared_ptr<Key>& key = keys_[id];
  if (key == nullptr) {
    key = std::make_shared<Key>();
    key->id = id;
    key->freed = freed_;
    std::shared_ptr<Days>& days = days_[id];
    if (days == nullptr) days = std::make_shared<Days>();
    key->days = days;
  }
  key->requests_per_minute = terms.requests_per_minute();
  key->tokens_per_minute = terms.tokens_per_minute();
  key->concurrency = terms.concurrency();
  std::vector<Key::OfBudget> budgets;
  for (const v1::Budget& budget : terms.budgets()) {
    const auto before = std::find_if(key->budgets.begin(), key->budgets.end(),
                                     [&](const Key::OfBudget& of) { return IsSame(of.budget, budget); });
    if (before != key->budgets.end()) {
      budgets.push_back(*before);
      continue;
    }
    Key::OfBudget of{budget, std::nullopt};
    // Who gives it sees how much of it is used.
    const std::int64_t used = UsedIn(*key->days, budget, now.wall);
    if (used >= LowFrom(keyterms::AmountOf(budget))) of.told_low = PeriodAt(budget.period(), now.wall).begin;
    budgets.push_back(std::move(of));
  }
  key->budgets = std::move(budgets);
  key->stirred = true;
  freed_->push_back(id);  // more may be allowed by now
}

std::optional<OverLimit> KeyLimits::Against(const ClientKeyId& id, const CallSize& size, const HeldFor& first,
                                            const Moment& now) const {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return std::nullopt;
  const Key& key = *found->second;
  milliseconds wait{0};
  OverLimit over;
  if (key.requests_per_minute > 0) {
    wait = key.requests.UntilAtMost(key.requests_per_minute - 1, now.steady);
    over.message = RateText(key.requests_per_minute, " requests a minute");
  }
  if (key.tokens_per_minute > 0) {
    const std::int64_t tokens = key.OfMinute(estimates_.Of(size, first, now.wall).tokens);
    const milliseconds of_tokens = key.tokens.UntilAtMost(key.tokens_per_minute - tokens, now.steady);
    if (of_tokens > wait) {
      wait = of_tokens;
      over.message = RateText(key.tokens_per_minute, " tokens a minute");
    }
  }
  if (wait.count() > 0) {
    over.retry_after = wait;
    over.available_at = now.wall + wait;
    return over;
  }
  if (IsBusy(id)) {
    over.message = RateText(key.concurrency, key.concurrency == 1 ? " call at a time" : " calls at a time");
    over.waits = true;
    return over;
  }
  return std::nullopt;
}

bool KeyLimits::IsBusy(const ClientKeyId& id) const {
  const auto found = keys_.find(id);
  return found != keys_.end() && found->second->concurrency > 0 && found->second->open >= found->second->concurrency;
}

bool KeyLimits::HasRoom(const ClientKeyId& id, const CallSize& size, const HeldFor& model, const Moment& now) const {
  const auto found = keys_.find(id);
  return found == keys_.end() || Full(*found->second, estimates_.Of(size, model, now.wall), now.wall) == nullptr;
}

std::shared_ptr<KeyLimits::Hold> KeyLimits::Begin(const ClientKeyId& id, const CallSize& size, const HeldFor& first,
                                                  std::string tier, bool budgeted, const Moment& now) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return nullptr;
  Key& key = *found->second;
  auto hold = std::make_shared<Hold>(found->second, estimates_, size, std::move(tier), !budgeted);
  ++key.open;
  key.minute_until = now.steady + kMinuteKept;
  hold->begun_at_ = now.steady;
  if (key.requests_per_minute > 0) key.requests.Add(1, now.steady, now.steady);
  if (key.tokens_per_minute > 0) {
    hold->minute_tokens_ = key.OfMinute(estimates_.Of(size, first, now.wall).tokens);
    key.tokens.Add(hold->minute_tokens_, now.steady, now.steady);
  }
  return hold;
}

std::shared_ptr<KeyLimits::Hold> KeyLimits::Adopt(const ClientKeyId& id, const CallSize& size, const HeldFor& model,
                                                  bool budgeted, const Moment& now) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return nullptr;
  Key& key = *found->second;
  auto hold = std::make_shared<Hold>(found->second, estimates_, size, std::string(model.tier), !budgeted);
  ++key.open;
  hold->begun_at_ = now.steady;  // its tokens are used by now or will be: those of this minute
  if (budgeted) hold->SetAside(estimates_.Of(size, model, now.wall));
  return hold;
}

OverLimit KeyLimits::BudgetAgainst(const ClientKeyId& id, const CallSize& size, const HeldFor& model,
                                   const Moment& now) const {
  OverLimit over;
  over.code = DenyCode::kKeyBudget;
  over.message = "the client key's budget is used up";
  const auto found = keys_.find(id);
  if (found == keys_.end()) return over;
  const Key& key = *found->second;
  const Amounts estimate = estimates_.Of(size, model, now.wall);
  const v1::Budget* full = Full(key, estimate, now.wall);
  if (full == nullptr) return over;
  const std::int64_t amount = keyterms::AmountOf(*full), used = UsedIn(*key.days, *full, now.wall);
  const std::int64_t wanted = InUnitOf(*full, estimate);
  const std::string text = keyterms::FormatBudget(*full);
  if (used < amount && wanted > amount) {
    over.message = "this call may cost up to " + keyterms::FormatAmount(*full, wanted) +
                   ", more than the client key's whole budget of " + text + "; allow it less output";
    return over;
  }
  if (used < amount && used + wanted <= amount) {
    over.message = "what is left of the client key's budget of " + text + " is set aside for calls under way";
    over.retry_after = kReservedRetry;
    return over;
  }
  const WallTime resets_at{PeriodAt(full->period(), now.wall).end};
  over.message = "the client key has used " + keyterms::FormatAmount(*full, used) + " of its budget of " + text +
                 (used < amount ? ", and this call may cost more than is left; it" : "; it") + " begins anew at " +
                 Rfc3339(resets_at);
  over.available_at = resets_at;
  over.retry_after = resets_at - now.wall;
  return over;
}

void KeyLimits::Restore(const ClientKeyId& id, std::chrono::sys_days day, const Amounts& used) {
  std::shared_ptr<Days>& days = days_[id];
  if (days == nullptr) days = std::make_shared<Days>();
  (*days)[day] += used;
}

PoolEvents KeyLimits::Spent(const ClientKeyId& id, WallTime at, const Amounts& used, const Moment& now) {
  PoolEvents told;
  if (used == Amounts{}) return told;
  Restore(id, std::chrono::floor<std::chrono::days>(at), used);
  Days& days = *days_[id];
  while (days.size() > kDaysKept) days.erase(days.begin());
  const auto found = keys_.find(id);
  if (found == keys_.end()) return told;
  Key& key = *found->second;
  key.stirred = true;
  for (Key::OfBudget& of : key.budgets) {
    const Period period = PeriodAt(of.budget.period(), now.wall);
    const std::int64_t amount = keyterms::AmountOf(of.budget), spent = UsedIn(*key.days, of.budget, now.wall);
    if (of.told_low == period.begin || spent < LowFrom(amount)) continue;
    of.told_low = period.begin;
    Happened low;
    low.kind = events::v1::EVENT_KIND_BUDGET_LOW;
    low.client_key = id;
    low.part = PartOf(of.budget);
    low.evidence = keyterms::FormatAmount(of.budget, spent) + " of " + keyterms::FormatBudget(of.budget) + " used";
    low.until = WallTime(period.end);
    told.push_back(std::move(low));
  }
  return told;
}

std::vector<ClientKeyId> KeyLimits::TakeStirred(const Moment& now) {
  std::vector<ClientKeyId> stirred;
  const auto today = std::chrono::floor<std::chrono::days>(now.wall);
  const bool new_day = std::exchange(stirred_on_, today) != today;
  for (const auto& [id, key] : keys_) {
    if (std::exchange(key->stirred, false) || new_day || now.steady < key->minute_until) stirred.push_back(id);
  }
  return stirred;
}

KeyLimits::Standing KeyLimits::StandingOf(const ClientKeyId& id, const Moment& now) const {
  Standing standing;
  const auto found = keys_.find(id);
  if (found == keys_.end()) return standing;
  const Key& key = *found->second;
  standing.requests_this_minute = key.requests.Sum(now.steady);
  standing.tokens_this_minute = key.tokens.Sum(now.steady);
  standing.open = key.open;
  for (const Key::OfBudget& of : key.budgets) {
    standing.budgets.push_back({of.budget, UsedIn(*key.days, of.budget, now.wall), InUnitOf(of.budget, key.aside),
                                WallTime(PeriodAt(of.budget.period(), now.wall).end)});
  }
  return standing;
}

}  // namespace patchbay::accounts
