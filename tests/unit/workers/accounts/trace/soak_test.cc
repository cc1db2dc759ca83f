// Thirty days of a pool and of its traces, in simulated time: keys, conversations, models, request ids and accounts
// that come and go for ever leave nothing behind. What day 30 holds is what day 5 held. (Calls under client keys with
// limits: core/key_calls_soak_test.cc.)
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <variant>

#include "lib/testing/slowdown.h"
#include "tests/unit/workers/accounts/pool/pool_world.h"
#include "workers/accounts/trace/traces.h"

namespace patchbay::accounts {
namespace {

constexpr int kDays = 30;
constexpr int kWarm = 5;  // until every bound has been reached
constexpr int kRequestsEachStep = 5;
constexpr std::size_t kTraces = 500;
constexpr std::int64_t kGrowthMax = std::int64_t{8} << 20;  // an allocator's own unrest

std::int64_t ResidentBytes() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

struct Sizes {
  std::size_t affinity = 0, traces = 0, leases = 0, queued = 0, accounts = 0;
  friend bool operator==(const Sizes&, const Sizes&) = default;
};

class Soak {
 public:
  Soak() : world_(TracedSettings()) {
    traces_.Configure(kTraces);
    for (int i = 0; i < 5; ++i) AddAccount();
  }

  void Day(int day, std::chrono::minutes step) {
    for (std::chrono::minutes at{0}; at < 24h; at += step) {
      world_.Pass(step);
      Answer();
      for (int i = 0; i < kRequestsEachStep; ++i) Request(day);
    }
    // Whoever waits is served, or told that nobody serves.
    for (int i = 0; i < 3; ++i) {
      world_.Pass(1min);
      Answer();
    }
    // The oldest account goes, and another one comes.
    world_.Take(world_.pool.Remove(AccountId("acc_" + std::to_string(accounts_ - 5)), world_.now));
    AddAccount();
    Answer();
  }
  Sizes Now() const {
    return {world_.pool.affinity_size(), traces_.size(), world_.pool.leases_open(), world_.pool.queued(),
            world_.pool.accounts().size()};
  }
  std::int64_t served() const { return served_; }

 private:
  void AddAccount() {
    world_.Add("acc_" + std::to_string(accounts_++));
    Answer();
  }
  void Request(int day) {
    const std::string number = std::to_string(requests_++);
    const std::string key = "key_" + std::to_string(day * 20 + requests_ % 20);
    const std::string model = "model_" + std::to_string(day * 10 + requests_ % 10);
    traces_.Asked({world_.frontend, RequestId(number), ClientKeyId(key), "d", model, number, {}, {}, 0}, 1,
                  world_.now.wall);
    world_.Acquire(number, key, "conversation-" + number, std::nullopt, model);
    Answer();
  }
  // Does what the pool asks for, until it asks for nothing more.
  void Answer() {
    while (!world_.said.empty()) {
      for (PoolEvent& event : std::exchange(world_.said, {})) {
        std::visit([this](auto& what) { Take(what); }, event);
      }
    }
  }
  void Take(Considered& event) { traces_.Take(std::move(event), world_.now.wall); }
  void Take(const Judged& event) { traces_.Take(event, world_.now.wall); }
  void Take(const Denied& event) { traces_.Take(event, world_.now.wall); }
  void Take(const Granted& event) {
    traces_.Take(event, world_.now.wall);
    // Some fail first, and are tried elsewhere.
    if (event.attempt == 1 && ++granted_ % 50 == 0) return world_.Retry(event, Status(granted_ % 100 == 0 ? 500 : 429));
    SettleArgs settle;
    settle.lease = event.lease;
    settle.succeeded = true;
    settle.first_token = std::chrono::milliseconds(100 + granted_ % 400);
    settle.quota.windows = {{"primary", static_cast<double>(granted_ % 60), 5h, world_.now.wall + 2h}};
    world_.Take(world_.pool.Settle(settle, world_.now));
    TracedEnd end;
    end.outcome = "succeeded";
    traces_.Ended(event.frontend, event.request, std::move(end), world_.now.wall);
    ++served_;
  }
  void Take(const RefreshWanted& event) { world_.Refreshed(event.account); }
  void Take(const UsageWanted& event) {
    UsageAnswer answer;
    answer.http_status = 200;
    world_.Take(world_.pool.UsageChecked(event.account, answer, world_.now));
  }
  template <class Other>
  void Take(const Other&) {}

  World world_;
  Traces traces_;
  int accounts_ = 0;
  std::int64_t requests_ = 0, granted_ = 0, served_ = 0;
};

TEST(Soak, ThirtyDaysLeaveNothingBehind) {
  const std::chrono::minutes step(std::min(testing::Slowdown(), 30U));
  Soak soak;
  for (int day = 1; day <= kWarm; ++day) soak.Day(day, step);
  const Sizes before = soak.Now();
  const std::int64_t bytes_before = ResidentBytes();
  const std::int64_t served_before = soak.served();
  for (int day = kWarm + 1; day <= kDays; ++day) soak.Day(day, step);
  const Sizes after = soak.Now();
  EXPECT_GT(soak.served(), served_before * (kDays - kWarm) / kWarm / 2) << "it went on serving";
  EXPECT_EQ(after.traces, kTraces);
  EXPECT_EQ(after.leases, 0u);
  EXPECT_EQ(after.queued, 0u);
  EXPECT_EQ(after.accounts, 5u);
  EXPECT_GT(before.affinity, 0u);
  EXPECT_LE(after.affinity, before.affinity * 11 / 10) << "conversations of before are forgotten";
  if (testing::Slowdown() == 1) {
    EXPECT_LE(ResidentBytes() - bytes_before, kGrowthMax) << "a sanitizer would keep what is freed";
  }
}

}  // namespace
}  // namespace patchbay::accounts
