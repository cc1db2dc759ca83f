// Limits over a provider whose models have prices, for their tests.
#pragma once

#include <string>

#include "tests/unit/workers/accounts/providers/rows.h"
#include "workers/accounts/limits/key_limits.h"

namespace patchbay::accounts {

struct LimitsDesk {
  LimitsDesk() { prices.Configure(); }

  static v1::Budget Tokens(std::int64_t amount, v1::BudgetPeriod period = v1::BUDGET_PERIOD_DAY) {
    v1::Budget budget;
    budget.set_period(period);
    budget.set_tokens(amount);
    return budget;
  }
  static v1::Budget NanoDollars(std::int64_t amount, v1::BudgetPeriod period = v1::BUDGET_PERIOD_DAY) {
    v1::Budget budget;
    budget.set_period(period);
    budget.set_nano_dollars(amount);
    return budget;
  }
  void Put(const v1::KeyTerms& terms) { limits.Put(key, terms, now); }
  void PutBudget(const v1::Budget& budget) {
    v1::KeyTerms terms;
    *terms.add_budgets() = budget;
    Put(terms);
  }
  bool HasRoom(const CallSize& size, const HeldFor& model = kCheap) const {
    return limits.HasRoom(key, size, model, now);
  }
  // As who admits calls does it.
  std::shared_ptr<KeyLimits::Hold> Begin(const CallSize& size, const HeldFor& model = kCheap, bool budgeted = true) {
    if (limits.Against(key, size, model, now) || (budgeted && !limits.HasRoom(key, size, model, now))) return nullptr;
    auto hold = limits.Begin(key, size, model, "", budgeted, now);
    EXPECT_TRUE(hold->MoveTo(model, now));
    return hold;
  }
  PoolEvents Spend(const Amounts& used, WallTime at) { return limits.Spent(key, at, used, now); }
  PoolEvents Spend(const Amounts& used) { return Spend(used, now.wall); }
  void Pass(std::chrono::milliseconds time) {
    now.wall += time;
    now.steady += time;
  }

  static constexpr HeldFor kCheap{"mine", "cheap", ""}, kDear{"mine", "dear", ""};
  Providers providers = ProvidersWith(R"(providers { key: "mine" value {
      base_url: "https://mine.example/v1" dialect: "openai_chat"
      prices { key: "cheap" value { input: "1" output: "10" } }
      prices { key: "dear" value { input: "2" output: "20" } } } })");
  PriceBook prices{providers};
  Estimates estimates{prices};
  KeyLimits limits{estimates};
  ClientKeyId key{"ck_1"};
  Moment now{WallTime(std::chrono::seconds(1'790'000'000)), SteadyTime(std::chrono::hours(1000))};
};

}  // namespace patchbay::accounts
