// Thirty days of calls under client keys, in simulated time and on a real store: keys that come and go, calls that
// wait, leave and outlive their key leave nothing behind in what KeyCalls holds. (The pool and its traces:
// trace/soak_test.cc.)
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <string>
#include <utility>

#include "lib/testing/slowdown.h"
#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

constexpr int kSoakDays = 30;
constexpr int kWarmDays = 5;  // until every bound has been reached
constexpr std::size_t kLiveKeys = 6;
constexpr std::int64_t kGrownBytesMax = std::int64_t{8} << 20;  // an allocator's own unrest, and the store's pages

std::int64_t ResidentNow() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

class KeySoak {
 public:
  KeySoak() {
    world_.MustAdd("a", 24h * 365);
    while (keys_.size() < kLiveKeys) AddKey();
  }

  void Day(int steps) {
    for (int step = 0; step < steps; ++step) {
      world_.Pass(std::chrono::milliseconds(24h) / steps);
      for (const ClientKeyId& key : keys_) {
        for (int i = 0; i < 3; ++i) Ask(key);  // the third waits for one of the others
      }
      FinishAll();
    }
    // The oldest key goes while calls of it are under way and wait, and another one comes.
    for (int i = 0; i < 3; ++i) Ask(keys_.front());
    EXPECT_TRUE(world_.Await(world_.keys().Revoke(keys_.front().str())).ok());
    keys_.pop_front();
    AddKey();
    FinishAll();
    world_.Await(world_.Flushed());
    world_.denied.clear();
    world_.told.clear();
  }
  KeyCalls::Kept Kept() const { return world_.core->key_calls().kept(); }
  std::int64_t served() const { return served_; }

 private:
  void AddKey() {
    KeyWish wish;
    wish.name = "key-" + std::to_string(made_++);
    wish.terms.set_requests_per_minute(1000);
    wish.terms.set_concurrency(2);
    v1::Budget& budget = *wish.terms.add_budgets();
    budget.set_period(v1::BUDGET_PERIOD_MONTH);
    budget.set_tokens(1'000'000'000);
    const auto made = world_.Await(world_.keys().Create(wish));
    ASSERT_TRUE(made.ok()) << made.error().message;
    keys_.push_back(made->key.id);
  }
  void Ask(const ClientKeyId& key) {
    CallWish wish = CoreWorld::Wish("r" + std::to_string(asked_++));
    wish.client_key = key;
    wish.max_output_tokens = 100;
    world_.core->Acquire(wish);
    if (asked_ % 7 == 0) world_.core->Withdraw(wish.frontend, wish.request);  // its client does not wait
  }
  // Settles what is granted, until nobody waits for it any more.
  void FinishAll() {
    while (!world_.granted.empty()) {
      for (const Granted& grant : std::exchange(world_.granted, {})) Finish(grant);
    }
  }
  void Finish(const Granted& grant) {
    Settlement settlement;
    settlement.frontend = grant.frontend;
    settlement.outcome.lease = grant.lease;
    settlement.outcome.succeeded = true;
    settlement.row.lease = grant.lease;
    settlement.row.request = grant.request;
    settlement.row.account = grant.account;
    settlement.row.provider = grant.provider;
    settlement.row.wire_model = grant.wire_model;
    settlement.row.started_at = world_.clock.wall;
    settlement.row.output_tokens = 50;
    settlement.row.outcome = 1;
    world_.core->Settle(std::move(settlement));  // whose key it was the pool knows
    ++served_;
  }

  CoreWorld world_;
  std::deque<ClientKeyId> keys_;
  std::int64_t made_ = 0, asked_ = 0, served_ = 0;
};

TEST(KeyCallsSoak, ThirtyDaysOfKeysThatComeAndGoLeaveNothingBehind) {
  const int steps = static_cast<int>(std::max(8U / testing::Slowdown(), 1U));
  KeySoak soak;
  for (int day = 1; day <= kWarmDays; ++day) soak.Day(steps);
  const std::int64_t bytes_before = ResidentNow();
  const std::int64_t served_before = soak.served();
  for (int day = kWarmDays + 1; day <= kSoakDays; ++day) soak.Day(steps);
  EXPECT_GT(soak.served(), served_before * (kSoakDays - kWarmDays) / kWarmDays / 2) << "it went on serving";
  const KeyCalls::Kept kept = soak.Kept();
  EXPECT_EQ(kept.waiting, 0u);
  EXPECT_EQ(kept.settling, 0u);
  EXPECT_EQ(kept.limited, kLiveKeys);
  EXPECT_LE(kept.remembered, kLiveKeys) << "what a key used that cannot come back nobody asks for";
  if (testing::Slowdown() == 1) {
    EXPECT_LE(ResidentNow() - bytes_before, kGrownBytesMax) << "a sanitizer would keep what is freed";
  }
}

}  // namespace
}  // namespace patchbay::accounts
