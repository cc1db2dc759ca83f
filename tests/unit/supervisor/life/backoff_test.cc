#include "supervisor/life/backoff.h"

#include <gtest/gtest.h>

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kWholeDelay = 1.0;  // no jitter: the nominal value
const SteadyTime kStart{seconds(1000)};

BackoffLimits Limits() {
  return {.initial = milliseconds(50),
          .max = milliseconds(1000),
          .bad_starts_max = 100,
          .bad_starts_window = seconds(60),
          .failed_retry = seconds(30)};
}

TEST(Backoff, DoublesTheDelayWithEveryConsecutiveBadStartUpToTheCeiling) {
  Backoff backoff(Limits());
  std::vector<int> delays;
  for (int i = 0; i < 7; ++i)
    delays.push_back(static_cast<int>(backoff.OnDeath(kStart, false, kWholeDelay).delay.count()));
  EXPECT_EQ(delays, (std::vector<int>{50, 100, 200, 400, 800, 1000, 1000}));
}

TEST(Backoff, BeginsAgainAfterTheWorkerWasReady) {
  Backoff backoff(Limits());
  for (int i = 0; i < 5; ++i) (void)backoff.OnDeath(kStart, false, kWholeDelay);
  backoff.OnReady();
  EXPECT_EQ(backoff.OnDeath(kStart, false, kWholeDelay).delay, milliseconds(50));
}

TEST(Backoff, KeepsJitteredDelaysBetweenHalfAndWhole) {
  for (const double jitter : {0.0, 0.25, 0.5, 0.999}) {
    Backoff backoff(Limits());
    (void)backoff.OnDeath(kStart, false, jitter);
    const auto delay = backoff.OnDeath(kStart, false, jitter).delay;
    EXPECT_GE(delay, milliseconds(50));
    EXPECT_LE(delay, milliseconds(100));
  }
}

TEST(Backoff, FailsAfterTooManyBadStartsInTheWindow) {
  BackoffLimits limits = Limits();
  limits.bad_starts_max = 3;
  Backoff backoff(limits);
  EXPECT_FALSE(backoff.OnDeath(kStart, false, 0.5).failed);
  EXPECT_FALSE(backoff.OnDeath(kStart + seconds(1), false, 0.5).failed);
  const Backoff::Verdict third = backoff.OnDeath(kStart + seconds(2), false, 0.5);
  EXPECT_TRUE(third.failed);
  EXPECT_EQ(third.delay, seconds(30));
}

TEST(Backoff, ForgetsBadStartsOutsideTheWindow) {
  BackoffLimits limits = Limits();
  limits.bad_starts_max = 2;
  Backoff backoff(limits);
  EXPECT_FALSE(backoff.OnDeath(kStart, false, 0.5).failed);
  EXPECT_FALSE(backoff.OnDeath(kStart + seconds(61), false, 0.5).failed);
}

TEST(Backoff, StaysFailedUntilTheWorkerIsReadyHoweverSlowTheRetries) {
  BackoffLimits limits = Limits();
  limits.bad_starts_max = 2;
  Backoff backoff(limits);
  (void)backoff.OnDeath(kStart, false, 0.5);
  EXPECT_TRUE(backoff.OnDeath(kStart, false, 0.5).failed);
  EXPECT_TRUE(backoff.OnDeath(kStart + seconds(1000), false, 0.5).failed);
  backoff.OnReady();
  EXPECT_FALSE(backoff.OnDeath(kStart + seconds(3000), false, 0.5).failed);
}

TEST(Backoff, RestartsAtOnceAfterADeathThatFollowedReady) {
  Backoff backoff(Limits());
  for (int i = 0; i < Backoff::kFreeDeaths; ++i) {
    const Backoff::Verdict verdict = backoff.OnDeath(kStart + milliseconds(i), true, 0.5);
    EXPECT_EQ(verdict.delay, milliseconds(0));
    EXPECT_FALSE(verdict.failed);
    backoff.OnReady();
  }
}

TEST(Backoff, SlowsAWorkerThatIsReadyAndDiesOverAndOver) {
  Backoff backoff(Limits());
  for (int i = 0; i < Backoff::kFreeDeaths; ++i) (void)backoff.OnDeath(kStart, true, kWholeDelay);
  EXPECT_EQ(backoff.OnDeath(kStart, true, kWholeDelay).delay, milliseconds(50));
  EXPECT_EQ(backoff.OnDeath(kStart, true, kWholeDelay).delay, milliseconds(100));
  // Later, when those deaths are old, it is trusted again.
  EXPECT_EQ(backoff.OnDeath(kStart + Backoff::kDeathWindow * 2, true, kWholeDelay).delay, milliseconds(0));
}

TEST(Backoff, TakesNewLimitsAtOnce) {
  Backoff backoff(Limits());
  BackoffLimits limits = Limits();
  limits.initial = milliseconds(7);
  backoff.SetLimits(limits);
  EXPECT_EQ(backoff.OnDeath(kStart, false, kWholeDelay).delay, milliseconds(7));
}

}  // namespace
}  // namespace patchbay::supervisor
