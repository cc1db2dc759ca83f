// Random calls at the same time: a budget is never overshot, and everything that was set aside comes back.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "lib/testing/slowdown.h"
#include "tests/unit/workers/accounts/limits/limits_desk.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

struct Walk {
  explicit Walk(unsigned seed) : random(seed) {
    v1::KeyTerms terms;
    *terms.add_budgets() = LimitsDesk::Tokens(50'000);
    *terms.add_budgets() = LimitsDesk::NanoDollars(400'000'000);
    *terms.add_budgets() = LimitsDesk::Tokens(200'000, v1::BUDGET_PERIOD_WEEK);
    *terms.add_budgets() = LimitsDesk::Tokens(700'000, v1::BUDGET_PERIOD_MONTH);
    terms.set_concurrency(20);
    terms.set_requests_per_minute(600);
    terms.set_tokens_per_minute(30'000);
    desk.Put(terms);
  }
  struct Call {
    std::shared_ptr<KeyLimits::Hold> hold;
    HeldFor model;
    CallSize size;
    WallTime at{};
    std::optional<Amounts> used;  // it has ended, its row is not durable
  };
  std::int64_t Pick(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random);
  }
  HeldFor Model() { return Pick(0, 1) == 0 ? LimitsDesk::kCheap : LimitsDesk::kDear; }
  void Begin() {
    Call call{nullptr, Model(), {Pick(0, 3000), Pick(1, 3000)}, desk.now.wall, std::nullopt};
    call.hold = desk.Begin(call.size, call.model);
    if (call.hold != nullptr) calls.push_back(std::move(call));
  }
  void Step() {
    const auto what = Pick(0, 9);
    if (what <= 3 || calls.empty()) return Begin();
    const auto at = calls.begin() + static_cast<std::ptrdiff_t>(Pick(0, static_cast<std::int64_t>(calls.size()) - 1));
    if (what == 4) {
      if (const HeldFor model = Model(); !at->used && at->hold->MoveTo(model, desk.now)) at->model = model;
    } else if (what == 5) {
      calls.erase(at);  // denied, withdrawn or lost
    } else if (what <= 7 && !at->used) {
      const CallSize size{Pick(0, at->size.input_tokens), Pick(1, at->size.max_output_tokens)};
      at->used = desk.estimates.Of(size, at->model, desk.now.wall);
      at->hold->Ended(*at->used, desk.now);
    } else if (what <= 8 && at->used) {
      const Amounts used = *at->used;
      const WallTime began = at->at;
      calls.erase(at);
      (void)desk.Spend(used, began);
    } else {
      desk.Pass(std::chrono::milliseconds(Pick(0, Pick(0, 200) == 0 ? 20'000'000 : 5000)));
    }
  }
  std::mt19937 random;
  LimitsDesk desk;
  std::vector<Call> calls;
};

TEST(KeyLimitsWalk, NeverOvershootsABudgetAndGivesEverythingBack) {
  const unsigned steps = 2'000'000 / patchbay::testing::Slowdown();
  Walk walk(7);
  std::int64_t begun = 0;
  for (unsigned step = 0; step < steps; ++step) {
    walk.Step();
    begun += walk.calls.empty() ? 0 : 1;
    const auto standing = walk.desk.limits.StandingOf(walk.desk.key, walk.desk.now);
    for (const auto& budget : standing.budgets) {
      const std::int64_t amount = budget.budget.has_tokens() ? budget.budget.tokens() : budget.budget.nano_dollars();
      ASSERT_LE(budget.used + budget.reserved, amount) << step;
      ASSERT_GE(budget.reserved, 0) << step;
    }
    ASSERT_LE(standing.open, 20) << step;
    ASSERT_LE(standing.tokens_this_minute, 30'000) << step;
    ASSERT_GE(standing.tokens_this_minute, 0) << step;
  }
  EXPECT_GT(begun, 0) << "it was a walk";
  walk.calls.clear();
  const auto standing = walk.desk.limits.StandingOf(walk.desk.key, walk.desk.now);
  EXPECT_EQ(standing.open, 0);
  for (const auto& budget : standing.budgets) EXPECT_EQ(budget.reserved, 0);
}

}  // namespace
}  // namespace patchbay::accounts
