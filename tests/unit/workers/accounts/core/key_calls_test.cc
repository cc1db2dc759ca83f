// Calls under keys with limits: what waits, what falls back, and that nothing is counted twice or forgotten.
#include "workers/accounts/core/key_calls.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::KeyTerms WithTokens(std::int64_t tokens) {
  v1::KeyTerms terms;
  v1::Budget& budget = *terms.add_budgets();
  budget.set_period(v1::BUDGET_PERIOD_MONTH);
  budget.set_tokens(tokens);
  return terms;
}

struct KeyWorld : CoreWorld {
  explicit KeyWorld(const v1::KeyTerms& terms, WorldParts other = {}) : CoreWorld(std::move(other)) {
    MustAdd("a");
    KeyWish wish;
    wish.name = "k";
    wish.terms = terms;
    const auto made = Await(keys().Create(wish));
    EXPECT_TRUE(made.ok()) << made.error().message;
    key = made->key.id;
    core->OnEvent([this](const Happened& what) { happened.push_back(what); });
  }
  CallWish KeyCall(const std::string& request, std::int64_t output = 100, std::uint64_t epoch = 1) const {
    CallWish wish = Wish(request, epoch);
    wish.client_key = key;
    wish.max_output_tokens = output;
    return wish;
  }
  void Ask(const std::string& request, std::int64_t output = 100) { core->Acquire(KeyCall(request, output)); }
  void Finish(const Granted& grant, std::int64_t output) {
    Settlement settlement;
    settlement.frontend = grant.frontend;
    settlement.outcome.lease = grant.lease;
    settlement.outcome.succeeded = true;
    settlement.row.lease = grant.lease;
    settlement.row.request = grant.request;
    settlement.row.account = grant.account;
    settlement.row.client_key = key;
    settlement.row.model = "gpt-5.5";
    settlement.row.provider = grant.provider;
    settlement.row.wire_model = grant.wire_model;
    settlement.row.started_at = clock.wall;
    settlement.row.attempts = 1;
    settlement.row.output_tokens = output;
    settlement.row.outcome = 1;
    settlement.row.outside_budgets = grant.terms != nullptr && !grant.terms->fallback_model.empty();
    core->Settle(std::move(settlement));
  }
  KeyLimits::Standing::OfBudget Budget() { return core->key_calls().StandingOf(key).budgets.at(0); }
  DeclaredLease Declared(const Granted& grant) const {
    return {grant.lease,
            grant.request,
            grant.account,
            key,
            "gpt-5.5",
            grant.provider,
            grant.wire_model,
            grant.terms->fallback_model,
            grant.terms->service_tier,
            grant.terms->input_tokens,
            grant.terms->max_output_tokens};
  }
  ClientKeyId key;
  std::vector<Happened> happened;
};

TEST(KeyCalls, LetARequestWaitForACallOfItsKeyToEnd) {
  v1::KeyTerms terms;
  terms.set_concurrency(1);
  KeyWorld world(terms);
  for (const char* request : {"r1", "r2", "r3", "r4"}) world.Ask(request);
  world.Acquire("other");
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted other")) << "who has another key does not wait";
  EXPECT_EQ(world.core->key_calls().waiting(world.key), 3u);
  world.core->Withdraw(FrontendId("f"), RequestId("r3"));
  world.Finish(world.granted[0], 10);
  EXPECT_EQ(world.told.back(), "granted r2");
  world.Finish(world.granted[2], 10);
  EXPECT_EQ(world.told.back(), "granted r4") << "the one that left is passed over";
  EXPECT_EQ(world.core->key_calls().waiting(), 0u);
}

TEST(KeyCalls, TellARequestWhoseTimeIsOverThatNoneEnded) {
  v1::KeyTerms terms;
  terms.set_concurrency(1);
  KeyWorld world(terms);
  world.Ask("r1");
  CallWish wish = world.KeyCall("r2");
  wish.max_wait = 3s;
  world.core->Acquire(wish);
  world.Pass(2900ms);
  EXPECT_THAT(world.denied, IsEmpty());
  world.Pass(200ms);
  ASSERT_THAT(world.denied, SizeIs(1));
  EXPECT_EQ(world.denied[0].code, DenyCode::kKeyRate);
  EXPECT_TRUE(world.denied[0].retry_after);
}

TEST(KeyCalls, RefuseWhatTheBudgetHasNoRoomForAndSayUntilWhen) {
  KeyWorld world(WithTokens(1000));
  world.Ask("r1", 900);
  world.Ask("r2", 200);
  EXPECT_THAT(world.told, ElementsAre("granted r1", "denied r2 key_budget"));
  world.Finish(world.granted[0], 1000);
  EXPECT_EQ(world.Budget().reserved, 1000) << "set aside until its row is durable";
  EXPECT_THAT(world.Rows(), SizeIs(1));
  EXPECT_EQ(world.Budget().reserved, 0);
  EXPECT_EQ(world.Budget().used, 1000);
  world.Ask("r3", 1);
  ASSERT_THAT(world.denied, SizeIs(2));
  EXPECT_EQ(world.denied[1].available_at, world.Budget().resets_at);
  ASSERT_THAT(world.happened, SizeIs(1));
  EXPECT_EQ(world.happened[0].kind, events::v1::EVENT_KIND_BUDGET_LOW);
}

TEST(KeyCalls, GiveEverythingBackOfCallsThatNeverWere) {
  KeyWorld world(WithTokens(1000));
  world.Slots(1);
  world.Ask("r1", 400);
  world.Ask("r2", 400);
  EXPECT_EQ(world.Budget().reserved, 800) << "one waits for an account";
  world.core->Withdraw(FrontendId("f"), RequestId("r2"));
  EXPECT_EQ(world.Budget().reserved, 400);
  world.Carry(world.pool().Ended(FrontendId("f"), world.Now()));
  EXPECT_EQ(world.Budget().reserved, 0) << "its frontend has died";
  EXPECT_EQ(world.core->key_calls().StandingOf(world.key).open, 0);
}

TEST(KeyCalls, ServeTheFallbackOutsideTheBudgets) {
  v1::KeyTerms terms = WithTokens(1000);
  terms.add_models("gpt-5.5");
  terms.set_fallback_model("gpt-5.4-mini");
  KeyWorld world(terms);
  world.Ask("r1", 900);
  world.Ask("r2", 900);
  ASSERT_THAT(world.granted, SizeIs(2));
  EXPECT_EQ(world.granted[0].terms->fallback_model, "");
  EXPECT_EQ(world.granted[1].wire_model, "gpt-5.4-mini");
  EXPECT_EQ(world.granted[1].terms->fallback_model, "gpt-5.4-mini");
  EXPECT_EQ(world.granted[1].terms->model, "gpt-5.5") << "as the client asked";
  world.Finish(world.granted[1], 900);
  EXPECT_THAT(world.Rows(), SizeIs(1));
  EXPECT_EQ(world.Budget().used, 0);
  world.AcquireModel("r3", "gpt-5.4-mini");
  EXPECT_EQ(world.told.back(), "granted r3") << "without a key";
}

TEST(KeyCalls, KeepTheBudgetOverARestartWithTheCallsThatAreOpen) {
  KeyWorld world(WithTokens(10'000));
  world.Ask("r1", 500);
  world.Ask("r2", 500);
  world.Finish(world.granted[0], 300);
  EXPECT_THAT(world.Rows(), SizeIs(1));
  const Granted open = world.granted[1];
  world.Crash();
  world.Start();
  EXPECT_EQ(world.Budget().used, 300);
  EXPECT_EQ(world.Budget().reserved, 0);
  world.Redeclare(2, "f", {world.Declared(open)});
  EXPECT_EQ(world.Budget().reserved, 500) << "what it asked for";
  world.Redeclare(3, "f", {world.Declared(open)});
  EXPECT_EQ(world.Budget().reserved, 500) << "declared again it is the same call";
  world.Finish(open, 200);
  EXPECT_THAT(world.Rows(), SizeIs(2));
  EXPECT_EQ(world.Budget().used, 500);
  EXPECT_EQ(world.Budget().reserved, 0);
}

TEST(KeyCalls, KeepAFallbackOutsideTheBudgetsOverARestart) {
  v1::KeyTerms terms = WithTokens(1000);
  terms.set_fallback_model("gpt-5.4-mini");
  for (const bool kept : {false, true}) {
    SCOPED_TRACE(kept ? "its lease was kept" : "only its frontend knows it");
    KeyWorld world(terms);
    world.Ask("r1", 900);
    world.Ask("r2", 900);
    ASSERT_THAT(world.granted, SizeIs(2));
    const Granted fallback = world.granted[1];
    ASSERT_EQ(fallback.terms->fallback_model, "gpt-5.4-mini");
    if (kept) {
      world.clock.Pass(10s);
      world.Chores();
      ASSERT_THAT(world.Kept(), SizeIs(2));
    }
    world.Crash();
    world.Start();
    EXPECT_EQ(world.Budget().reserved, kept ? 900 : 0) << "for the other";
    world.Redeclare(2, "f", {world.Declared(world.granted[0]), world.Declared(fallback)});
    EXPECT_EQ(world.Budget().reserved, 900);
    EXPECT_EQ(world.core->key_calls().StandingOf(world.key).open, 2);
    world.Finish(fallback, 800);
    EXPECT_THAT(world.Rows(), SizeIs(1));
    EXPECT_EQ(world.Budget().used, 0);
  }
}

TEST(KeyCalls, CountASettledFallbackOutsideTheBudgetsThoughItsLeaseIsForgotten) {
  v1::KeyTerms terms = WithTokens(1000);
  terms.set_fallback_model("gpt-5.4-mini");
  KeyWorld world(terms);
  world.Ask("r1", 900);
  world.Ask("r2", 900);
  ASSERT_THAT(world.granted, SizeIs(2));
  world.Crash();
  world.Start();
  world.Finish(world.granted[1], 800);
  EXPECT_THAT(world.Rows(), SizeIs(1));
  EXPECT_EQ(world.Budget().used, 0);
  world.Crash();
  world.Start();
  EXPECT_EQ(world.Budget().used, 0) << "nor as the disk has it";
}

// A crash at each step of a settlement: the frontend says it again, and it counts once.
TEST(KeyCalls, CountASettlementOnceWhereverACrashMeetsIt) {
  for (const int step : {0, 1, 2, 3}) {
    SCOPED_TRACE(step);
    KeyWorld world(WithTokens(10'000));
    world.Ask("r1", 500);
    const Granted grant = world.granted[0];
    if (step >= 1) world.Finish(grant, 300);
    if (step == 2) {
      EXPECT_THAT(world.Rows(), SizeIs(1));
    }
    if (step == 3) {
      EXPECT_TRUE(world.Await(world.Drained()));
    }
    world.Crash();
    world.Start();
    EXPECT_EQ(world.Budget().used, step >= 2 ? 300 : 0) << "as the disk has it";
    world.Finish(grant, 300);
    world.Finish(grant, 300);
    EXPECT_THAT(world.Rows(), SizeIs(1));
    EXPECT_EQ(world.Budget().used, 300);
    EXPECT_EQ(world.Budget().reserved, 0);
  }
}

TEST(KeyCalls, CountACallThatWasWrittenDownAsLostWhenItIsSettledAfterAll) {
  KeyWorld world(WithTokens(10'000));
  world.Ask("r1", 500);
  EXPECT_TRUE(world.Await(world.Drained())) << "our successor hears of its end";
  world.Crash();
  world.Start();
  EXPECT_EQ(world.Budget().used, 0);
  world.Finish(world.granted[0], 300);
  EXPECT_THAT(world.Rows(), SizeIs(1));
  EXPECT_EQ(world.Budget().used, 300);
}

TEST(KeyCalls, SetNothingAsideTwiceForARequestThatIsAskedAgain) {
  v1::KeyTerms terms = WithTokens(1000);
  terms.set_concurrency(1);
  KeyWorld world(terms);
  world.Ask("r1", 900);
  world.Redeclare(2);
  world.core->Acquire(world.KeyCall("r1", 900, 2));
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r1")) << "its answer was lost on the way";
  EXPECT_EQ(world.granted[0].lease, world.granted[1].lease);
  EXPECT_EQ(world.Budget().reserved, 900);
}

TEST(KeyCalls, PassOverAModelThatTheBudgetHasNoRoomForWhenTheCallHops) {
  constexpr const char* kDearer = R"(
    base_url: "https://dear.example/v1" dialect: "openai_chat"
    prices { key: "*" value { input: "1000" output: "1000" } })";
  WorldParts parts;
  parts.configure = [&](config::v1::Config& config) {
    auto row = patchbay::testing::Configured<catalog::v1::Provider>();
    catalog::v1::Provider dear;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kDearer, &dear));
    row.MergeFrom(dear);
    (*config.mutable_providers())["dear"] = row;
    (*config.mutable_models()->mutable_aliases())["smart"] = "gpt-5.5, dear/big";
  };
  v1::KeyTerms terms;
  v1::Budget& budget = *terms.add_budgets();
  budget.set_period(v1::BUDGET_PERIOD_DAY);
  budget.set_nano_dollars(50'000'000);
  KeyWorld world(terms, parts);
  NewAccount account;
  account.provider = "dear";
  account.tokens.access = Secret("sk-of-dear");
  std::vector<NewAccount> accounts;
  accounts.push_back(account);
  ASSERT_TRUE(world.Await(world.accounts().Add(std::move(accounts))).front().ok());
  world.Pass(ModelBook::kFirstListWait);
  CallWish wish = world.KeyCall("r1", 1000);  // a dollar there
  wish.model = "smart";
  world.core->Acquire(wish);
  ASSERT_THAT(world.granted, SizeIs(1));
  EXPECT_EQ(world.granted[0].wire_model, "gpt-5.5");
  FailureFacts failure;
  failure.stage = Stage::kStatus;
  failure.http_status = 403;
  failure.cause = Cause::kDeactivated;
  failure.body = Body::kJson;
  world.Retry(world.granted[0], failure);
  EXPECT_THAT(world.granted, SizeIs(1)) << "the dear one is not taken";
  EXPECT_THAT(world.denied, SizeIs(1));
  EXPECT_EQ(world.Budget().reserved, 0);
}

// A clock may be set back over midnight between any two looks at it: what one day has room for another has not.
TEST(KeyCalls, JudgeACallByOneMoment) {
  for (const int first : {0, 1}) {
    v1::KeyTerms terms = WithTokens(1000);
    terms.mutable_budgets(0)->set_period(v1::BUDGET_PERIOD_DAY);
    KeyWorld world(terms);
    world.Ask("r1", 900);
    ASSERT_THAT(world.granted, SizeIs(1));
    world.Finish(world.granted[0], 900);
    EXPECT_THAT(world.Rows(), SizeIs(1));
    const WallTime today = world.clock.wall, tomorrow = today + 24h;
    int reading = first;
    world.clock.on_read = [&] { world.clock.wall = reading++ % 2 == 0 ? tomorrow : today; };
    world.Ask("r2", 200);
    world.clock.on_read = nullptr;
    EXPECT_EQ(world.granted.size() + world.denied.size(), 2u);
  }
}

TEST(KeyCalls, ExplainWhatTheKeySays) {
  KeyWorld world(WithTokens(1000));
  world.Ask("r1", 900);
  Question question;
  question.model = "gpt-5.5";
  question.client_key = "k";
  const auto told = world.core->administration().Explain(question);
  ASSERT_TRUE(told.ok()) << told.error().message;
  ASSERT_TRUE(told->denied);
  EXPECT_EQ(told->denied->code, DenyCode::kKeyBudget);
  EXPECT_THAT(told->reason, HasSubstr("budget"));
}

}  // namespace
}  // namespace patchbay::accounts
