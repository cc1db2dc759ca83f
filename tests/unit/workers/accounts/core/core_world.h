// A Core on a real store in a directory of its own, with a provider that answers as the test says.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "lib/async/event.h"
#include "lib/base/encoding.h"
#include "lib/testing/configured.h"
#include "lib/testing/run.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

using namespace std::chrono_literals;

class FakeClock final : public Clock {
 public:
  WallTime Now() const override {
    if (on_read) on_read();
    return wall;
  }
  SteadyTime Steady() const override { return steady; }
  void Pass(std::chrono::milliseconds time) {
    wall += time;
    steady += time;
  }
  WallTime wall{std::chrono::seconds(1'790'000'000)};
  SteadyTime steady{1000h};
  std::function<void()> on_read;  // before each reading of the wall clock
};

class FakeFetcher final : public Fetcher {
 public:
  explicit FakeFetcher(asio::io_context& io) : io_(io) {}
  Awaitable<Result<FetchAnswer>> Post(LoginEndpoint endpoint, LoginRoad road, TokenRequest request) override {
    endpoints.push_back(endpoint);
    tokens_asked.push_back(AccountId(road.owner));
    bodies.push_back(request.body.Reveal());
    if (on_token) on_token();
    if (token_endpoint) {
      co_await asio::post(io_, asio::use_awaitable);
      co_return token_endpoint(bodies.back());
    }
    co_return co_await Next(tokens);
  }
  Awaitable<Result<FetchAnswer>> Usage(std::string, AccountId, std::int64_t) override {
    ++usage_calls;
    usage_most = std::max(usage_most, ++usage_open);
    auto answer = co_await Next(usages);
    --usage_open;
    co_return answer;
  }
  Awaitable<Result<FetchAnswer>> ResetCredits(std::string, AccountId) override { co_return co_await Next(credits); }
  Awaitable<Result<FetchAnswer>> Redeem(std::string, AccountId, std::string body) override {
    bodies.push_back(std::move(body));
    co_return co_await Next(credits);
  }
  Awaitable<Result<FetchAnswer>> Models(std::string, AccountId account) override {
    models_asked.push_back(account);
    if (models_held) co_await models_held->Wait();
    co_return co_await Next(models);
  }
  Awaitable<Result<AnswerFacts>> ReadError(std::string, SeenAnswer answer) override {
    AnswerFacts facts;
    facts.failure.stage = Stage::kStatus;
    facts.failure.http_status = answer.status;
    facts.failure.message = std::move(answer.body);
    co_return facts;
  }
  void Answer(int status, std::string body) {
    Result<FetchAnswer> answer = FetchAnswer{status, Secret(std::move(body))};
    tokens.push_back(std::move(answer));
  }
  // From now on nobody tells a list, until ReleaseModels.
  void HoldModels() { models_held = std::make_shared<async::Event>(io_.get_executor()); }
  void ReleaseModels() { models_held->Notify(); }
  void NoAnswer() { tokens.push_back(Error(ErrorCode::kUnavailable, "connection reset")); }

  std::deque<Result<FetchAnswer>> tokens;
  std::deque<Result<FetchAnswer>> usages;
  std::deque<Result<FetchAnswer>> models;
  std::deque<Result<FetchAnswer>> credits;
  std::vector<AccountId> models_asked;
  std::vector<AccountId> tokens_asked;
  std::vector<std::string> bodies;
  std::vector<LoginEndpoint> endpoints;
  std::function<void()> on_token;
  std::function<Result<FetchAnswer>(const std::string& body)> token_endpoint;  // instead of `tokens`
  std::shared_ptr<async::Event> models_held;
  int usage_calls = 0;
  std::size_t usage_open = 0, usage_most = 0;  // at the same time

 private:
  Awaitable<Result<FetchAnswer>> Next(std::deque<Result<FetchAnswer>>& answers) {
    co_await asio::post(io_, asio::use_awaitable);
    if (answers.empty()) co_return Error(ErrorCode::kUnavailable, "nobody answers");
    Result<FetchAnswer> answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  asio::io_context& io_;
};

inline std::string Jwt(WallTime expires_at, const std::string& account, const std::string& user = "user-1") {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(expires_at.time_since_epoch()).count();
  return "eyJhbGciOiJub25lIn0." +
         Base64UrlEncode("{\"exp\":" + std::to_string(seconds) +
                         ",\"email\":\"u@example.com\",\"https://api.openai.com/auth\":{" +
                         "\"chatgpt_account_id\":\"" + account + "\",\"chatgpt_user_id\":\"" + user +
                         "\",\"chatgpt_plan_type\":\"plus\"}}") +
         ".sig";
}

// What is not as usual.
struct WorldParts {
  std::function<std::unique_ptr<Store>(std::unique_ptr<Store>)> around_store;
  std::function<void(config::v1::Config&)> configure;
};

// The same, which says when it was issued too.
inline std::string IssuedJwt(WallTime issued_at, WallTime expires_at, const std::string& account) {
  const auto seconds = [](WallTime time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
  };
  return "eyJhbGciOiJub25lIn0." +
         Base64UrlEncode("{\"iat\":" + seconds(issued_at) + ",\"exp\":" + seconds(expires_at) +
                         ",\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"" + account +
                         "\",\"chatgpt_user_id\":\"user-1\",\"chatgpt_plan_type\":\"plus\"}}") +
         ".sig";
}

struct CoreWorld {
  explicit CoreWorld(WorldParts other = {}) : parts(std::move(other)) { Start(); }
  ~CoreWorld() { Crash(); }

  void Start() {
    io = std::make_unique<asio::io_context>();
    auto before = std::move(fetcher);
    fetcher = std::make_unique<FakeFetcher>(*io);
    if (before) {
      fetcher->tokens = std::move(before->tokens);
      fetcher->bodies = std::move(before->bodies);
      fetcher->token_endpoint = std::move(before->token_endpoint);
    }
    auto store = OpenStore(directory.path);
    ASSERT_TRUE(store.ok()) << store.error().message;
    std::unique_ptr<Store> used = std::move(*store);
    if (parts.around_store) used = parts.around_store(std::move(used));
    auto config = patchbay::testing::Configured();
    config.mutable_accounts()->set_slots_per_account(100);
    config.mutable_accounts()->mutable_quota()->clear_stale_after();  // whoever wants a look says so
    if (parts.configure) parts.configure(config);
    auto made = Core::Create(
        *io, clock, std::move(used), *fetcher,
        [this](std::string_view, Awaitable<void> task) { Spawn(std::move(task)); }, config, run);
    ASSERT_TRUE(made.ok()) << made.error().message;
    core = std::move(*made);
    core->OnReply(
        {.granted =
             [this](const Granted& event) {
               granted.push_back(event);
               told.push_back("granted " + event.request.str());
             },
         .denied =
             [this](const Denied& event) {
               denied.push_back(event);
               told.push_back("denied " + event.request.str() + " " + std::string(ToString(event.code)));
             },
         .settled = [this](const FrontendId&, const LeaseId& lease) { told.push_back("settled " + lease.str()); }});
    Redeclare(1);
  }
  // What is left is what was durable; coroutines go with their io_context.
  void Crash() {
    core.reset();
    io.reset();
  }
  void Spawn(Awaitable<void> task) {
    asio::co_spawn(*io, std::move(task), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }
  template <class Done>
  void Until(Done done) {
    while (!done()) {
      if (io->run_one() == 0) io->restart();  // it had nothing to do for a moment
    }
  }
  Awaitable<bool> Flushed() {
    co_await core->Flush();
    co_return true;
  }
  Awaitable<bool> Drained() {
    co_await core->Drain();
    co_return true;
  }
  // What Core does every second for the disk, done.
  void Chores() {
    core->KeepLongLeases();
    core->KeepAffinity();
    Settle();
  }
  // The same while usage rows still wait for company.
  void ChoresWithRowsWaiting() {
    core->KeepLongLeases();
    Until([&] { return storage().pending() == 0; });
  }
  std::vector<HeldLease> Kept() {
    std::function<Result<std::vector<HeldLease>>(Store&)> load = [](Store& store) { return store.LoadOpenLeases(); };
    return *Await(storage().Run<std::vector<HeldLease>>(std::move(load)));
  }
  // Runs `task` to its end.
  template <class T>
  T Await(Awaitable<T> task) {
    return patchbay::testing::Await(*io, std::move(task));
  }
  // Until nothing is under way.
  void Settle() {
    for (int quiet = 0; quiet < 3;) {
      const std::size_t ran = io->poll();
      io->restart();
      if (storage().pending() > 0 || shared().busy()) {
        Until([&] { return storage().pending() == 0 && !shared().busy(); });
        quiet = 0;
      } else {
        quiet = ran == 0 ? quiet + 1 : 0;
      }
    }
  }
  Result<Added> Add(const std::string& access, const std::string& refresh, const std::string& label = "") {
    NewAccount account;
    account.label = label;
    account.tokens.access = Secret(access);
    account.tokens.refresh = Secret(refresh);
    std::vector<NewAccount> accounts;
    accounts.push_back(std::move(account));
    auto results = Await(core->accounts_.Add(std::move(accounts)));
    return std::move(results.front());
  }
  AccountId MustAdd(const std::string& name, std::chrono::milliseconds lives = 240h) {
    const auto added = Add(Jwt(clock.wall + lives, name), "rt_" + name);
    EXPECT_TRUE(added.ok()) << added.error().message;
    Settle();  // its plan's list is asked for at once
    return added->account;
  }
  // Core's parts, for what only a provider, time or the operator brings about.
  AccountPool& pool() { return core->pool_; }
  AccountBook& accounts() { return core->accounts_; }
  ClientKeyBook& keys() { return core->keys_; }
  ModelBook& models() { return core->models_; }
  Refresher& refresher() { return core->refresher_; }
  SharedLogins& shared() { return core->shared_logins_; }
  StorageThread& storage() { return core->storage_; }
  Moment Now() const { return core->Now(); }
  void Carry(PoolEvents events) { core->Carry(std::move(events)); }

  // What frontends ask for, each carried to its end.
  void Slots(int slots) {
    auto config = patchbay::testing::Configured();
    config.mutable_accounts()->set_slots_per_account(slots);
    core->Configure(config);
  }
  void Redeclare(std::uint64_t epoch, const std::string& frontend = "f", std::vector<DeclaredLease> open = {}) {
    core->Redeclare(FrontendId(frontend), epoch, open);
  }
  void Gone(std::uint64_t epoch = 1) { core->Gone(FrontendId("f"), epoch); }
  static CallWish Wish(const std::string& request, std::uint64_t epoch = 1, const std::string& frontend = "f") {
    CallWish wish;
    wish.frontend = FrontendId(frontend);
    wish.epoch = epoch;
    wish.request = RequestId(request);
    wish.model = "gpt-5.5";
    return wish;
  }
  void Acquire(const std::string& request, std::uint64_t epoch = 1, const std::string& frontend = "f") {
    core->Acquire(Wish(request, epoch, frontend));
  }
  void AcquireModel(const std::string& request, const std::string& model) {
    CallWish wish = Wish(request);
    wish.model = model;
    core->Acquire(wish);
  }
  // As Core's own ticks do.
  void AdmitHeld() { core->AdmitHeld(); }
  void Retry(const Granted& grant, const FailureFacts& failure) {
    RetryArgs args;
    args.frontend = grant.frontend;
    args.epoch = 1;
    args.request = grant.request;
    args.lease = grant.lease;
    args.failure = failure;
    core->Retry(args, {});
  }
  void SettleCall(const Granted& grant, int outcome = 1) {
    Settlement settlement;
    settlement.frontend = grant.frontend;
    settlement.outcome.lease = grant.lease;
    settlement.outcome.succeeded = outcome == 1;
    settlement.row.lease = grant.lease;
    settlement.row.request = grant.request;
    settlement.row.account = grant.account;
    settlement.row.outcome = outcome;
    core->Settle(std::move(settlement));
  }
  std::vector<UsageRecord> Rows() {
    Await(Flushed());
    return Await(core->administration().Usage(1000, "", {}))->rows;
  }
  // Time as Core's own ticks tell it to the pool.
  void Pass(std::chrono::milliseconds time) {
    clock.Pass(time);
    core->Carry(core->pool_.Tick(core->Now()));
    core->key_calls_.Tick();
    core->keys_.Tick();
    core->configured_users_.Tick();
  }
  AccountState StateOf(const AccountId& account) { return pool().Find(account)->mark.state; }
  std::string Evidence(const AccountId& account) { return pool().Find(account)->mark.evidence; }
  std::string RefreshTokenOf(const AccountId& account) { return accounts().Find(account)->tokens.refresh.Reveal(); }

  WorldParts parts;
  std::string run = "first";  // of the supervisor
  TemporaryDirectory directory;
  FakeClock clock;
  std::unique_ptr<asio::io_context> io;
  std::unique_ptr<FakeFetcher> fetcher;
  std::unique_ptr<Core> core;
  std::vector<Granted> granted;
  std::vector<Denied> denied;
  std::vector<std::string>
      told;  // to frontends and of leases, in order: "granted r1", "denied r2 exhausted", "settled lse_…"
};

}  // namespace patchbay::accounts
