#include "workers/accounts/limits/key_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/limits/limits_desk.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(KeyLimits, AskNothingOfAKeyWithoutThem) {
  LimitsDesk desk;
  v1::KeyTerms terms;
  terms.add_models("gpt-*");
  desk.Put(terms);
  EXPECT_FALSE(desk.limits.Limits(desk.key));
  EXPECT_EQ(desk.limits.Begin(desk.key, {}, LimitsDesk::kCheap, "", true, desk.now), nullptr);
}

TEST(KeyLimits, AllowSoManyRequestsAMinuteAndSayWhenTheNext) {
  LimitsDesk desk;
  v1::KeyTerms terms;
  terms.set_requests_per_minute(2);
  desk.Put(terms);
  EXPECT_NE(desk.Begin({}), nullptr);
  desk.Pass(10s);
  EXPECT_NE(desk.Begin({}), nullptr);
  const auto over = desk.limits.Against(desk.key, {}, LimitsDesk::kCheap, desk.now);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->code, DenyCode::kKeyRate);
  EXPECT_THAT(over->message, HasSubstr("2 requests a minute"));
  EXPECT_EQ(over->retry_after, 51s);
  EXPECT_EQ(over->available_at, desk.now.wall + 51s);
  desk.now.wall -= std::chrono::days(1);  // whatever the clock says
  desk.now.steady += 51s;
  EXPECT_NE(desk.Begin({}), nullptr);
}

TEST(KeyLimits, CountTheTokensOfAMinuteAsTheyTurnOutToBe) {
  LimitsDesk desk;
  v1::KeyTerms terms;
  terms.set_tokens_per_minute(1000);
  desk.Put(terms);
  auto hold = desk.Begin({100, 500});
  EXPECT_EQ(desk.Begin({100, 500}), nullptr) << "what it may use is taken";
  hold->Ended({200, 0}, desk.now);
  hold.reset();
  EXPECT_NE(desk.Begin({100, 500}), nullptr) << "what it did not use is free; the second is withdrawn";
  EXPECT_EQ(desk.limits.StandingOf(desk.key, desk.now).tokens_this_minute, 200);
  EXPECT_EQ(desk.Begin({5000, 0}), nullptr);
  desk.Pass(61s);
  EXPECT_NE(desk.Begin({5000, 0}), nullptr) << "one that is larger than a minute has a minute to itself";
}

TEST(KeyLimits, LetACallBeginWhenAnotherEnds) {
  LimitsDesk desk;
  v1::KeyTerms terms;
  terms.set_concurrency(1);
  desk.Put(terms);
  (void)desk.limits.TakeFreed();
  auto hold = desk.Begin({});
  const auto over = desk.limits.Against(desk.key, {}, LimitsDesk::kCheap, desk.now);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->waits);
  EXPECT_THAT(desk.limits.TakeFreed(), IsEmpty());
  hold->Ended({}, desk.now);
  EXPECT_THAT(desk.limits.TakeFreed(), SizeIs(1)) << "it need not wait for the disk";
  auto next = desk.Begin({});
  hold.reset();
  EXPECT_EQ(desk.limits.StandingOf(desk.key, desk.now).open, 1) << "and is not counted twice";
  next.reset();
  EXPECT_THAT(desk.limits.TakeFreed(), SizeIs(1)) << "also one that never was";
}

TEST(KeyLimits, SetAsideWhatACallMayCostAndCountWhatItDid) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000));
  auto first = desk.Begin({100, 500});
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(desk.Begin({100, 500}), nullptr) << "two of them could use more than there is";
  const OverLimit aside = desk.limits.BudgetAgainst(desk.key, {100, 500}, LimitsDesk::kCheap, desk.now);
  EXPECT_EQ(aside.code, DenyCode::kKeyBudget);
  EXPECT_THAT(aside.message, HasSubstr("set aside for calls under way"));
  EXPECT_FALSE(aside.available_at) << "nobody knows when they end";
  first->Ended({300, 0}, desk.now);
  EXPECT_EQ(desk.Begin({300, 500}), nullptr) << "its row is not durable, and counts all the same";
  first.reset();
  EXPECT_THAT(desk.Spend({300, 0}), IsEmpty());
  EXPECT_NE(desk.Begin({200, 500}), nullptr);
  EXPECT_EQ(desk.Begin({201, 500}), nullptr);
}

TEST(KeyLimits, SayWhenABudgetThatIsUsedUpBeginsAnew) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000, v1::BUDGET_PERIOD_WEEK));
  (void)desk.Spend({1000, 0});
  EXPECT_FALSE(desk.HasRoom({1, 1}));
  const OverLimit over = desk.limits.BudgetAgainst(desk.key, {1, 1}, LimitsDesk::kCheap, desk.now);
  ASSERT_TRUE(over.available_at);
  desk.now.wall = *over.available_at - 1ms;
  EXPECT_FALSE(desk.HasRoom({1, 1}));
  desk.now.wall = *over.available_at;
  EXPECT_TRUE(desk.HasRoom({1, 1}));
}

TEST(KeyLimits, RefuseACallThatIsLargerThanItsBudgetWithoutATime) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000));
  const OverLimit over = desk.limits.BudgetAgainst(desk.key, {10, 5000}, LimitsDesk::kCheap, desk.now);
  EXPECT_THAT(over.message, HasSubstr("allow it less output"));
  EXPECT_FALSE(over.available_at || over.retry_after) << "no time helps";
}

TEST(KeyLimits, MoveWhatIsSetAsideWithTheCallToAModelThatThereIsRoomFor) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::NanoDollars(10'000'000));
  auto hold = desk.Begin({1000, 500});  // 6 of 10
  EXPECT_FALSE(hold->HasRoomFor(LimitsDesk::kDear, desk.now)) << "12 of 10";
  EXPECT_FALSE(hold->MoveTo(LimitsDesk::kDear, desk.now));
  const auto reserved = [&] { return desk.limits.StandingOf(desk.key, desk.now).budgets.front().reserved; };
  EXPECT_EQ(reserved(), 6'000'000) << "nothing has changed";
  EXPECT_TRUE(hold->MoveTo(LimitsDesk::kCheap, desk.now)) << "what it has is given up for it";
  desk.PutBudget(LimitsDesk::NanoDollars(12'000'000));
  EXPECT_TRUE(hold->MoveTo(LimitsDesk::kDear, desk.now));
  EXPECT_EQ(reserved(), 12'000'000);
  hold.reset();
  EXPECT_EQ(reserved(), 0);
}

TEST(KeyLimits, CountNoFallbackAgainstTheBudgets) {
  LimitsDesk desk;
  v1::KeyTerms terms;
  *terms.add_budgets() = LimitsDesk::Tokens(1000);
  terms.set_concurrency(1);
  desk.Put(terms);
  (void)desk.Spend({1000, 0});
  auto hold = desk.Begin({500, 500}, LimitsDesk::kDear, /*budgeted=*/false);
  ASSERT_NE(hold, nullptr);
  EXPECT_TRUE(hold->is_fallback());
  EXPECT_EQ(desk.limits.StandingOf(desk.key, desk.now).budgets.front().reserved, 0);
  EXPECT_EQ(desk.Begin({}, LimitsDesk::kDear, false), nullptr) << "its other limits hold";
}

TEST(KeyLimits, TellOnceInAPeriodThatABudgetIsNearlyUsed) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000));
  EXPECT_THAT(desk.Spend({799, 0}), IsEmpty());
  const PoolEvents told = desk.Spend({1, 0});
  ASSERT_THAT(told, SizeIs(1));
  const auto& low = std::get<Happened>(told.front());
  EXPECT_EQ(low.kind, events::v1::EVENT_KIND_BUDGET_LOW);
  EXPECT_EQ(low.client_key, desk.key);
  EXPECT_EQ(low.part, "budget of a day");
  EXPECT_THAT(desk.Spend({100, 0}), IsEmpty());
  desk.Pass(24h);
  EXPECT_THAT(desk.Spend({800, 0}), SizeIs(1)) << "of another day";
}

TEST(KeyLimits, TellOfATinyBudgetWhenItIsNearlyUsedAndNotBefore) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(7));
  EXPECT_THAT(desk.Spend({0, 1}), IsEmpty()) << "nothing of it is used";
  EXPECT_THAT(desk.Spend({5, 0}), IsEmpty()) << "5 of 7 are 71 %";
  EXPECT_THAT(desk.Spend({1, 0}), SizeIs(1)) << "6 of 7 are 85 %";
}

TEST(KeyLimits, AreTheSameAfterAJumpOfTheClockThereAndBack) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000));
  (void)desk.Spend({900, 0});
  desk.now.wall += std::chrono::days(1);
  EXPECT_TRUE(desk.HasRoom({400, 400})) << "it is another day, as far as anybody knows";
  (void)desk.Spend({50, 0});
  desk.now.wall -= std::chrono::days(1);
  EXPECT_FALSE(desk.HasRoom({100, 100})) << "what was used of this one was not forgotten";
  EXPECT_TRUE(desk.HasRoom({50, 50})) << "nor is more taken for used";
}

TEST(KeyLimits, AreTheSameAfterTheClockRanYearsAhead) {
  LimitsDesk desk;
  desk.PutBudget(LimitsDesk::Tokens(1000));
  (void)desk.Spend({900, 0});
  desk.now.wall += std::chrono::days(4000);
  (void)desk.Spend({50, 0});
  desk.now.wall -= std::chrono::days(4000);
  (void)desk.Spend({50, 0});
  EXPECT_FALSE(desk.HasRoom({100, 100}));
  EXPECT_TRUE(desk.HasRoom({25, 25}));
}

TEST(KeyLimits, CountCallsThatWereUnderWayBeforeARestart) {
  LimitsDesk desk;
  desk.limits.Restore(desk.key, std::chrono::floor<std::chrono::days>(desk.now.wall), {500, 0});
  v1::KeyTerms terms;
  *terms.add_budgets() = LimitsDesk::Tokens(10'000);
  terms.set_concurrency(1);
  desk.Put(terms);
  const auto hold = desk.limits.Adopt(desk.key, {}, LimitsDesk::kCheap, true, desk.now);
  const auto standing = desk.limits.StandingOf(desk.key, desk.now);
  EXPECT_EQ(standing.open, 1);
  EXPECT_EQ(standing.budgets.front().used, 500);
  EXPECT_EQ(standing.budgets.front().reserved, Estimates::kOutputAtFirst);
  EXPECT_TRUE(desk.limits.IsBusy(desk.key));
  const auto sized = desk.limits.Adopt(desk.key, {100, 200}, LimitsDesk::kCheap, true, desk.now);
  const auto fallback = desk.limits.Adopt(desk.key, {100, 200}, LimitsDesk::kCheap, false, desk.now);
  EXPECT_TRUE(fallback->is_fallback());
  const auto after = desk.limits.StandingOf(desk.key, desk.now);
  EXPECT_EQ(after.open, 3);
  EXPECT_EQ(after.budgets.front().reserved, Estimates::kOutputAtFirst + 300) << "nothing for the fallback";
}

}  // namespace
}  // namespace patchbay::accounts
