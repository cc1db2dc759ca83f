// The index of accounts against the plain scan that it replaces, over many random steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "lib/testing/slowdown.h"
#include "tests/unit/workers/accounts/pool/pool_world.h"
#include "workers/accounts/pool/tags.h"

namespace patchbay::accounts {
namespace {

constexpr Strategy kEveryStrategy[] = {Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin, Strategy::kSticky,
                                       Strategy::kFillFirst};

class ChoiceWalk {
 public:
  ChoiceWalk(unsigned seed, Strategy strategy) : random_(seed), strategy_(strategy) { Configure(); }

  void Step() {
    switch (Below(12)) {
      case 0: return Put();
      case 1: return Report();
      case 2: return Pass();
      case 3:
      case 4: return SettleOne();
      case 5: return Below(20) == 0 ? Configure() : Remove();
      case 6: return ClearOne();
      default: return Choose();
    }
  }
  int compared() const { return compared_; }
  // Denials whose time was compared.
  int timed() const { return timed_; }

 private:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  AccountId Any() { return AccountId("a" + std::to_string(Below(40))); }

  void Configure() {
    PoolSettings settings = TracedSettings();
    settings.strategy = Below(3) == 0 ? kEveryStrategy[Below(std::size(kEveryStrategy))] : strategy_;
    settings.slots_per_account = slots_ = 1 + Below(3);
    settings.queue_max = 0;
    reserves_ = Below(2) == 0;
    if (reserves_)
      settings.reserves = {{10, std::chrono::hours(168), {"ci"}, {}, {}}, {30, 5h, {"ci", "cj"}, {"t"}, {}}};
    world_.Take(world_.pool.Configure(settings, world_.now));
  }
  void Put() {
    const AccountId id = Any();
    AccountFacts facts;
    if (const PoolAccount* known = world_.pool.Find(id)) {
      facts = known->facts;
    } else {
      facts.id = id;
      facts.order = next_order_++;
    }
    facts.provider = Below(4) == 0 ? "other" : "codex";
    facts.plan = std::string(1, static_cast<char>('p' + Below(3)));
    facts.egress = std::string(1, static_cast<char>('e' + Below(2)));
    facts.enabled = Below(6) != 0;
    facts.priority = Below(5) == 0 ? Below(3) - 1 : 0;
    facts.weight = Below(4) == 0 ? 1 + Below(5) : 1;
    facts.has_access_token = Below(9) != 0;
    facts.tags.clear();
    if (Below(3) == 0) facts.tags = {"t"};
    if (Below(3) == 0) facts.tags.push_back("u");
    if (Below(3) == 0) facts.token_expires_at = world_.now.wall + std::chrono::minutes(Below(600));
    world_.Take(world_.pool.Put(facts, world_.now));
  }
  void Report() {
    UsageAnswer answer;
    answer.http_status = 200;
    answer.quota.limit_reached = Below(5) == 0;
    const auto wall = world_.now.wall;
    if (Below(4) != 0) {
      answer.quota.windows.push_back(
          {"primary", static_cast<double>(Below(1010)) / 10, 5h, wall + std::chrono::minutes(Below(310) - 5)});
    }
    if (Below(4) != 0) {
      answer.quota.windows.push_back(
          {"secondary", static_cast<double>(Below(101)), 168h, wall + std::chrono::minutes(Below(10'100) - 10)});
    }
    world_.Take(world_.pool.UsageChecked(Any(), answer, world_.now));
  }
  void Pass() {
    world_.Pass(std::chrono::milliseconds(Below(Below(10) == 0 ? 40'000'000 : 600'000)));
    if (Below(30) == 0) world_.now.wall += std::chrono::hours(Below(49) - 24);  // the calendar jumps
  }
  void SettleOne() {
    if (open_.empty()) return;
    const auto at = open_.begin() + Below(static_cast<int>(open_.size()));
    const Granted granted = *at;
    open_.erase(at);
    static const std::optional<FailureFacts> kHow[] = {std::nullopt, Status(429, Cause::kExhausted),
                                                       Status(404, Cause::kModel), Stopped(Stage::kConnect),
                                                       Status(429, Cause::kRateLimited)};
    const auto& failure = kHow[Below(3) == 0 ? Below(std::size(kHow)) : 0];
    world_.Settle(granted, !failure, failure);
  }
  void Remove() {
    if (Below(4) == 0) world_.Take(world_.pool.Remove(Any(), world_.now));
  }
  void ClearOne() { world_.Take(world_.pool.ClearMarks(Any(), world_.now)); }

  // What a scan of every account says.
  AccountId Scanned(const AcquireArgs& args) const {
    const auto& [provider, lacking] = std::tie(args.provider, args.lacking_plans);
    std::set<AccountId> eligible;
    AcquireArgs asked;  // tags are looked at below
    asked.provider = provider;
    asked.wire_model = "gpt-5.5";
    asked.key_name = args.key_name;
    for (const Candidate& one : world_.pool.Explain(asked, world_.now).accounts) {
      if (one.eligible) eligible.insert(one.account);
    }
    const PoolAccount* best = nullptr;
    Rank best_rank;
    for (const PoolAccount* account : world_.pool.accounts()) {
      const auto& plan = account->facts.plan;
      if (!eligible.contains(account->facts.id)) continue;
      if (std::find(lacking.begin(), lacking.end(), plan) != lacking.end()) continue;
      if (!HasAny(account->facts.tags, args.tags)) continue;
      const Rank rank = RankOf(world_.pool.settings().strategy, *account, world_.now.wall).rank;
      if (best != nullptr && best_rank < rank) continue;
      best = account;
      best_rank = rank;
    }
    return best == nullptr ? AccountId() : best->facts.id;
  }
  // When the first of those that rest is back.
  std::optional<WallTime> BackAt(const AcquireArgs& args) const {
    std::optional<WallTime> at;
    const auto& lacking = args.lacking_plans;
    for (const PoolAccount* account : world_.pool.accounts()) {
      const AccountState state = account->state();
      if (account->facts.provider != args.provider || !HasAny(account->facts.tags, args.tags)) continue;
      if (state != AccountState::kExhausted && state != AccountState::kThrottled) continue;
      if (std::find(lacking.begin(), lacking.end(), account->facts.plan) == lacking.end()) {
        Prospect::Earlier(at, account->mark.until);
      }
    }
    return at;
  }
  void Choose() {
    AcquireArgs args;
    args.frontend = world_.frontend;
    args.epoch = world_.epoch;
    args.request = RequestId("r" + std::to_string(next_request_++));
    args.provider = Below(5) == 0 ? "other" : "codex";
    args.wire_model = "gpt-5.5";
    if (Below(3) == 0) args.lacking_plans = {"q"};
    if (Below(3) == 0) args.tags = {Below(2) == 0 ? "t" : "u"};
    if (Below(3) == 0) args.key_name = Below(2) == 0 ? "ci" : "cj";
    const AccountId expected = Scanned(args);
    const auto comes_back = BackAt(args);
    world_.said.clear();
    world_.Take(world_.pool.Acquire(args, world_.now));
    const auto granted = world_.One<Granted>();
    EXPECT_EQ(granted ? granted->account : AccountId(), expected);
    const auto considered = world_.One<Considered>();
    EXPECT_EQ(considered.has_value(), granted.has_value());
    if (considered) {
      for (const Weighed& weighed : considered->accounts) {
        if (weighed.place == 1) EXPECT_EQ(world_.pool.FindByOrder(weighed.order)->facts.id, expected);
      }
    }
    if (granted) open_.push_back(*granted);
    const auto denied = world_.One<Denied>();
    const bool waits_for_quota =
        denied && (denied->code == DenyCode::kExhausted || denied->code == DenyCode::kThrottled);
    if (waits_for_quota && !reserves_) {
      EXPECT_EQ(denied->available_at, comes_back);
      ++timed_;
    }
    ++compared_;
  }

  std::mt19937 random_;
  Strategy strategy_;
  World world_;
  std::vector<Granted> open_;
  std::int64_t next_order_ = 1;
  int next_request_ = 0;
  int compared_ = 0;
  int timed_ = 0;
  int slots_ = 0;
  bool reserves_ = false;
};

class ReadyAccountsOf : public ::testing::TestWithParam<Strategy> {};

TEST_P(ReadyAccountsOf, AreWhatAPlainScanFinds) {
  int compared = 0, timed = 0;
  const unsigned runs = 20 / testing::Slowdown();
  for (unsigned seed = 1; seed <= runs && !HasFailure(); ++seed) {
    ChoiceWalk walk(seed, GetParam());
    for (int step = 0; step < 3000 && !HasFailure(); ++step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
      walk.Step();
    }
    compared += walk.compared();
    timed += walk.timed();
  }
  EXPECT_GT(compared, 1000 * static_cast<int>(runs));
  EXPECT_GT(timed, static_cast<int>(runs));
}

INSTANTIATE_TEST_SUITE_P(EveryStrategy, ReadyAccountsOf, ::testing::ValuesIn(kEveryStrategy),
                         [](const auto& info) { return std::string(ToString(info.param)); });

}  // namespace
}  // namespace patchbay::accounts
