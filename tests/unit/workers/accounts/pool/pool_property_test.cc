// Hundreds of thousands of random steps: what the pool promises holds after each of them.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "lib/testing/slowdown.h"
#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

struct Promise {
  SteadyTime deadline;
  std::set<AccountId> answered_badly;  // accounts that have answered this request with an error
  int weak = 0;                        // of those answers: that do not speak of their account for certain
  int in_place = 0;
  std::set<AccountId> marked_weakly;
};

class RandomWalk {
 public:
  RandomWalk(unsigned seed, Strategy strategy) : random_(seed), world_(Settings(strategy)) {
    for (int i = 0; i < 5; ++i) accounts_.push_back(world_.Add("a" + std::to_string(i), i % 2 == 0));
  }

  void Step() {
    switch (Below(14)) {
      case 0:
      case 1:
      case 2:
      case 3: return Acquire();
      case 4:
      case 5:
      case 6: return Settle();
      case 7:
      case 8: return Retry();
      case 9: return Withdraw();
      case 10: return Change();
      case 11: return AnswerWishes();
      case 12: return Reconnect();
      case 13: return Pass(std::chrono::milliseconds(Below(3000)));
    }
  }
  // In the end everybody is answered.
  void Finish() {
    for (int i = 0; i < 20; ++i) Pass(Settings(Strategy::kSticky).queue_wait);
    EXPECT_EQ(world_.pool.queued(), 0u);
    EXPECT_TRUE(waiting_.empty());
    while (!open_.empty()) Settle();
    EXPECT_EQ(world_.pool.leases_open(), 0u);
  }

 private:
  static PoolSettings Settings(Strategy strategy) {
    PoolSettings settings = DefaultSettings();
    settings.strategy = strategy;
    settings.slots_per_account = 3;
    settings.queue_max = 20;
    settings.queue_wait = 5s;
    settings.affinity_max = 8;
    settings.lease_grace = 2s;
    return settings;
  }
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  void Acquire() {
    const std::string id = "r" + std::to_string(next_++);
    const std::string affinity = Below(2) == 0 ? "" : "t" + std::to_string(Below(12));
    waiting_[RequestId(id)] = {world_.now.steady + 5s, {}, 0, 0, {}};
    world_.Acquire(id, "k" + std::to_string(Below(3)), affinity);
    Look();
  }
  void Settle() {
    if (open_.empty()) return;
    const auto at = std::next(open_.begin(), Below(static_cast<int>(open_.size())));
    const Granted granted = at->second;
    open_.erase(at);
    history_.erase(granted.request);
    if (Below(4) == 0) {
      world_.Settle(granted, false, AnyFailure());
    } else {
      world_.Settle(granted);
    }
    if (Below(8) == 0) world_.Settle(granted);  // twice
    Look();
  }
  void Retry() {
    if (open_.empty()) return;
    const auto at = std::next(open_.begin(), Below(static_cast<int>(open_.size())));
    const Granted granted = at->second;
    open_.erase(at);
    FailureFacts failure = AnyFailure();
    Promise promise = history_[granted.request];
    promise.deadline = world_.now.steady + 5s;
    const Verdict verdict = Classify(failure, {}, world_.now.wall);
    const bool strong = verdict.evidence == Evidence::kStrong;
    const bool once = verdict.effect != Effect::kRefresh && verdict.effect != Effect::kThrottle;
    if (verdict.elsewhere == Elsewhere::kOther && once) {
      promise.answered_badly.insert(granted.account);
      promise.weak += strong ? 0 : 1;
    }
    waiting_[granted.request] = promise;
    world_.Retry(granted, failure);
    if (strong && once) {
      EXPECT_GE(world_.StateOf(granted.account), AccountState::kExhausted) << "its own word was not believed";
    }
    for (const MarkChanged& change : world_.All<MarkChanged>()) {
      if (strong || change.mark.request != granted.request || change.mark.state == AccountState::kActive) continue;
      const auto at = waiting_.find(granted.request);
      if (change.account == granted.account) at->second.marked_weakly.insert(change.account);
      EXPECT_LE(at->second.marked_weakly.size(), 1u) << "one request, two accounts: " << change.mark.evidence;
    }
    Look();
  }
  void Withdraw() {
    if (waiting_.empty()) return;
    const RequestId id = std::next(waiting_.begin(), Below(static_cast<int>(waiting_.size())))->first;
    world_.pool.Withdraw(world_.frontend, id);
    waiting_.erase(id);
    Look();
  }
  void Change() {
    const AccountId& id = accounts_[static_cast<std::size_t>(Below(static_cast<int>(accounts_.size())))];
    AccountFacts facts = world_.pool.Find(id)->facts;
    if (Below(3) == 0) {
      world_.Take(world_.pool.ClearMarks(id, world_.now));
    } else {
      facts.enabled = Below(4) != 0;
      world_.Take(world_.pool.Put(facts, world_.now));
    }
    Look();
  }
  void AnswerWishes() {
    for (const auto& wanted : world_.All<RefreshWanted>()) {
      const int how = Below(3);
      if (how == 0) {
        world_.Refreshed(wanted.account);
      } else if (how == 1) {
        world_.Take(world_.pool.RefreshRefused(wanted.account, "refused", world_.now));
      } else {
        world_.Take(world_.pool.RefreshFailed(wanted.account, world_.now));
      }
    }
    for (const auto& wanted : world_.All<UsageWanted>()) {
      UsageAnswer answer;
      answer.http_status = Below(2) == 0 ? 200 : 0;
      answer.quota.limit_reached = Below(2) == 0;
      world_.Take(world_.pool.UsageChecked(wanted.account, answer, world_.now));
    }
    Look();
  }
  void Reconnect() {
    if (Below(10) != 0) return;
    world_.pool.Gone(world_.frontend, world_.epoch, world_.now);
    ++world_.epoch;
    std::vector<OpenLease> declared;
    for (const auto& [lease, granted] : open_) {
      declared.push_back({lease, granted.request, granted.account, {}, "codex", "gpt-5.5"});
    }
    world_.pool.Redeclare(world_.frontend, world_.epoch, declared, world_.now);
    waiting_.clear();  // this frontend gave them up
    Look();
  }
  void Pass(std::chrono::milliseconds time) {
    world_.Pass(time);
    if (Below(50) == 0) world_.now.wall += std::chrono::hours(Below(49) - 24);  // the calendar jumps
    Look();
  }

  FailureFacts AnyFailure() {
    switch (Below(13)) {
      case 8: return Status(503, Cause::kOverloaded);
      case 9: return Status(429);
      case 10: return Status(403, Cause::kDeactivated);
      case 11: return Status(401, Cause::kCredential);
      case 0: return Status(401);
      case 1: return Status(403, "odd");
      case 2: return Status(429, Cause::kExhausted);
      case 3: return Status(429, Cause::kRateLimited);
      case 4: return Status(500);
      case 5: return Status(400, "invalid_value");
      case 6: return Stopped(Stage::kConnect);
      case 7: return Stopped(Stage::kGateway);
      default: return Status(404, Cause::kModel);
    }
  }

  void Look() {
    for (const Granted& granted : world_.All<Granted>()) {
      const PoolAccount* account = world_.pool.Find(granted.account);
      ASSERT_NE(account, nullptr);
      EXPECT_TRUE(account->facts.enabled) << "a disabled account was granted";
      const auto promise = waiting_.find(granted.request);
      if (promise != waiting_.end()) {
        EXPECT_FALSE(promise->second.answered_badly.contains(granted.account)) << "the same account twice";
        EXPECT_LT(promise->second.weak, 3) << "more attempts than allowed";
        if (granted.reason.starts_with("the same again")) ++promise->second.in_place;
        EXPECT_LE(promise->second.in_place, 3);
        history_[granted.request] = promise->second;
        waiting_.erase(promise);
      }
      EXPECT_TRUE(open_.emplace(granted.lease, granted).second) << "a lease id was given twice";
    }
    for (const Denied& denied : world_.All<Denied>()) {
      EXPECT_TRUE(waiting_.contains(denied.request)) << "answered twice";
      waiting_.erase(denied.request);
      history_.erase(denied.request);
    }
    for (const LeaseLapsed& lapsed : world_.All<LeaseLapsed>()) open_.erase(lapsed.held.lease);
    for (const auto& [id, promise] : waiting_) {
      EXPECT_LE(world_.now.steady, promise.deadline + 3s) << id.str() << " was forgotten in the queue";
    }
    std::map<AccountId, int> open;
    for (const auto& [lease, granted] : open_) ++open[granted.account];
    std::size_t total = 0;
    int held = 0;
    for (const AccountId& id : accounts_) {
      const PoolAccount* account = world_.pool.Find(id);
      EXPECT_GE(account->open, open[id]) << "a slot was lost";
      EXPECT_LE(account->open, 3) << "more leases than slots";
      total += static_cast<std::size_t>(account->open);
      held += account->overload.holds(world_.now.steady) ? 1 : 0;
    }
    EXPECT_LE(held, 2) << "more than half of the pool is held back";
    EXPECT_EQ(total, world_.pool.leases_open()) << "slots in use are not the open leases";
    EXPECT_LE(world_.pool.queued(), 21u);
    world_.All<MarkChanged>();
    world_.All<Judged>();
    world_.All<QuotaChanged>();
    world_.All<AffinityMoved>();
  }

  std::mt19937 random_;
  World world_;
  std::vector<AccountId> accounts_;
  std::map<LeaseId, Granted> open_;
  std::map<RequestId, Promise> waiting_;
  std::map<RequestId, Promise> history_;
  int next_ = 0;
};

class PoolProperties : public ::testing::TestWithParam<Strategy> {};

TEST_P(PoolProperties, HoldAfterEveryRandomStep) {
  const unsigned runs = 40 / testing::Slowdown();
  for (unsigned seed = 1; seed <= runs && !HasFailure(); ++seed) {
    RandomWalk walk(seed, GetParam());
    for (int step = 0; step < 3000 && !HasFailure(); ++step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
      walk.Step();
    }
    walk.Finish();
  }
}

INSTANTIATE_TEST_SUITE_P(EveryStrategy, PoolProperties,
                         ::testing::Values(Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin,
                                           Strategy::kSticky, Strategy::kFillFirst),
                         [](const auto& info) { return std::string(ToString(info.param)); });

}  // namespace
}  // namespace patchbay::accounts
