#include "workers/accounts/pool/slowness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kStart{std::chrono::seconds(1'790'000'000)};

Slowness Times(double factor, int samples = 50) {
  Slowness slowness;
  for (int i = 0; i < samples; ++i) slowness.Seen(std::log2(factor), kStart);
  return slowness;
}

TEST(Slowness, IsKnownAfterSomeSamples) {
  EXPECT_EQ(Times(4, Slowness::kSamplesLeast - 1).Steps(kStart), 0);
  EXPECT_EQ(Times(4, Slowness::kSamplesLeast).Steps(kStart), 2);
}

TEST(Slowness, HasAStepForEachDoubling) {
  EXPECT_EQ(Times(0.1).Steps(kStart), 0) << "fast is no merit";
  EXPECT_EQ(Times(1.9).Steps(kStart), 0);
  EXPECT_EQ(Times(2.1).Steps(kStart), 1);
  EXPECT_EQ(Times(4.1).Steps(kStart), 2);
  EXPECT_EQ(Times(1000).Steps(kStart), Slowness::kStepsMax);
}

TEST(Slowness, FadesStepByStep) {
  const Slowness slow = Times(6);
  WallTime now = kStart;
  for (int steps = 2; steps > 0; --steps) {
    ASSERT_EQ(slow.Steps(now), steps);
    const auto ends = slow.StepEnds(now);
    ASSERT_TRUE(ends.has_value());
    EXPECT_EQ(slow.Steps(*ends - 100ms), steps);
    EXPECT_EQ(slow.Steps(*ends), steps - 1);
    now = *ends;
  }
  EXPECT_EQ(slow.StepEnds(now), std::nullopt);
  EXPECT_EQ(slow.Steps(kStart - 24h), 2) << "a calendar that went back";
}

TEST(UsualFirstTokens, AreOfAProviderAndModel) {
  UsualFirstTokens usual;
  EXPECT_EQ(usual.Seen("codex", "m", 1000ms), std::nullopt);
  EXPECT_EQ(usual.Seen("codex", "n", 1000ms), std::nullopt);
  EXPECT_EQ(usual.Seen("openai", "m", 1000ms), std::nullopt);
  EXPECT_DOUBLE_EQ(usual.Seen("codex", "m", 4000ms).value_or(0), 2);
}

TEST(UsualFirstTokens, AreOfSoManyModels) {
  UsualFirstTokens usual;
  for (std::size_t i = 0; i <= UsualFirstTokens::kModelsMax; ++i) usual.Seen("p", std::to_string(i), 100ms);
  EXPECT_EQ(usual.Seen("p", "0", 100ms), std::nullopt) << "forgotten";
  EXPECT_NE(usual.Seen("p", "100", 100ms), std::nullopt);
}

// Serves `count` requests, account a in two seconds and every other in 400 ms; how many a had of them.
int ServedBySlow(World& world, const AccountId& a, int count, std::int64_t input_tokens) {
  int of_slow = 0;
  for (int i = 0; i < count; ++i) {
    world.Acquire("r" + std::to_string(i));
    const auto granted = world.One<Granted>();
    EXPECT_TRUE(granted.has_value());
    SettleArgs args;
    args.lease = granted->lease;
    args.succeeded = true;
    args.first_token = granted->account == a ? 2000ms : 400ms;
    args.input_tokens = input_tokens;
    of_slow += granted->account == a ? 1 : 0;
    world.Take(world.pool.Settle(args, world.now));
  }
  return of_slow;
}

class SlowAccount : public ::testing::TestWithParam<Strategy> {};

TEST_P(SlowAccount, IsChosenLessAndNotNever) {
  PoolSettings settings = DefaultSettings();
  settings.strategy = GetParam();
  World world(settings);
  const AccountId a = world.Add("a");
  for (const char* other : {"b", "c", "d"}) world.Add(other);
  const int first = ServedBySlow(world, a, 100, 1000);
  EXPECT_LT(first, 25);
  const auto reason = [&] { return world.Explain().accounts.front().reason; };
  EXPECT_THAT(reason(), HasSubstr("times as long"));
  EXPECT_LT(ServedBySlow(world, a, 100, 1000), 20);
  world.Pass(2h);
  EXPECT_THAT(reason(), Not(HasSubstr("times as long")));
  EXPECT_GT(ServedBySlow(world, a, 8, 1000), 0) << "it is tried again";
}

TEST_P(SlowAccount, IsNotTakenForSlowWhereRequestsAreLarge) {
  PoolSettings settings = DefaultSettings();
  settings.strategy = GetParam();
  World world(settings);
  const AccountId a = world.Add("a");
  world.Add("b");
  EXPECT_EQ(ServedBySlow(world, a, 100, UsualFirstTokens::kInputTokensMax + 1), 50);
}

INSTANTIATE_TEST_SUITE_P(ByStrategy, SlowAccount,
                         ::testing::Values(Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin),
                         [](const auto& info) { return std::string(ToString(info.param)); });

}  // namespace
}  // namespace patchbay::accounts
