// What people are told of the choice: by `accounts explain`, and by a denial in a few words.
#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void MarkAs(World& world, const AccountId& account, AccountState state, const std::string& evidence,
            std::optional<std::chrono::milliseconds> rest = std::nullopt) {
  std::optional<WallTime> until;
  if (rest) until = world.now.wall + *rest;
  world.pool.Restore(account, {state, evidence, world.now.wall - 5min, until, {}}, {}, world.now);
}

std::vector<int> Places(const PoolExplanation& told) {
  std::vector<int> places;
  for (const Candidate& candidate : told.accounts) places.push_back(candidate.place);
  return places;
}

TEST(PoolExplain, PutsThoseThatCanServeInTheOrderInWhichTheyWouldBeTaken) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b"), c = world.Add("c");
  MarkAs(world, a, AccountState::kExhausted, "429 usage_limit_reached", 2h);
  world.MustGrant("r1");  // on b
  const PoolExplanation told = world.Explain();
  EXPECT_THAT(Places(told), ElementsAre(0, 2, 1));
  EXPECT_EQ(told.chosen, c);
  EXPECT_EQ(told.reason, "paced");
  EXPECT_EQ(told.accounts[0].until, world.now.wall + 2h);
  EXPECT_EQ(told.accounts[0].since, world.now.wall - 5min);
  EXPECT_EQ(told.accounts[1].score, "price 0.75, 1 in flight");
  EXPECT_EQ(told.accounts[1].leases_open, 1);
  EXPECT_EQ(world.MustGrant("r2").account, told.chosen);
  EXPECT_EQ(world.Explain().chosen, b) << "both have one";
}

TEST(PoolExplain, AgreesWithWhatIsGranted) {
  for (const Strategy strategy :
       {Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin, Strategy::kSticky, Strategy::kFillFirst}) {
    PoolSettings settings = DefaultSettings();
    settings.strategy = strategy;
    settings.slots_per_account = 3;
    World world(settings);
    for (const char* name : {"a", "b", "c"}) world.Add(name);
    for (int i = 0; i < 9; ++i) {
      const AccountId said = world.Explain().chosen;
      EXPECT_EQ(world.MustGrant("r" + std::to_string(i)).account, said) << ToString(strategy) << " " << i;
    }
    const PoolExplanation full = world.Explain();
    EXPECT_TRUE(full.chosen.empty());
    EXPECT_FALSE(full.denied) << "a slot will be free";
    EXPECT_EQ(full.reason, "it would wait: 3 busy");
  }
}

TEST(PoolExplain, NamesWhereTheConversationLivesAndWhyItIsNotServedThere) {
  World world;
  world.Add("a");
  world.Add("b");
  const AccountId home = world.MustGrant("r1", "", "thread").account;
  PoolExplanation told = world.Explain("thread");
  EXPECT_EQ(told.chosen, home);
  EXPECT_EQ(told.reason, "affinity");
  EXPECT_EQ(world.Explain("another").reason, "paced");
  MarkAs(world, home, AccountState::kBanned, "403 account_deactivated");
  told = world.Explain("thread");
  EXPECT_NE(told.chosen, home);
  EXPECT_EQ(told.reason, "paced (its conversation lives on " + home.str() + ": banned (403 account_deactivated))");
}

TEST(PoolExplain, SaysWhatARequestWouldBeToldThatNobodyServes) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b"), c = world.Add("c");
  MarkAs(world, a, AccountState::kExhausted, "429", 2h);
  MarkAs(world, b, AccountState::kExhausted, "429", 1h);
  MarkAs(world, c, AccountState::kBanned, "403");
  const PoolExplanation told = world.Explain();
  ASSERT_TRUE(told.denied);
  EXPECT_EQ(told.denied->code, DenyCode::kExhausted);
  EXPECT_EQ(told.denied->available_at, world.now.wall + 1h);
  EXPECT_THAT(told.reason, HasSubstr("used up its quota (2 exhausted, the first until 2026-"));
  EXPECT_THAT(told.reason, HasSubstr("Z, 1 banned)"));
}

TEST(PoolExplain, AnAccountOfAnotherProviderIsThereAndNotInLine) {
  World world;
  world.Add("a");
  const PoolExplanation told = world.Explain("", "groq");
  ASSERT_EQ(told.accounts.size(), 1u);
  EXPECT_EQ(told.accounts[0].reason, "belongs to provider codex");
  EXPECT_TRUE(told.accounts[0].wire_model.empty());
  ASSERT_TRUE(told.denied);
  EXPECT_EQ(told.denied->code, DenyCode::kNoAccount);
  EXPECT_EQ(told.denied->summary, "") << "none that could have served";
}

TEST(PoolConsidered, SaysOfWhichAccountsAChoiceWasMade) {
  World world(TracedSettings());
  const AccountId a = world.Add("a"), b = world.Add("b"), c = world.Add("c");
  MarkAs(world, a, AccountState::kExhausted, "429 usage_limit_reached", 2h);
  world.MustGrant("r1", "", "thread");  // on b
  world.said.clear();
  world.Acquire("r2", "", "thread");
  const auto considered = world.One<Considered>();
  ASSERT_TRUE(considered);
  EXPECT_EQ(considered->request, RequestId("r2"));
  EXPECT_EQ(considered->accounts_total, 3u);
  ASSERT_EQ(considered->accounts.size(), 3u);
  EXPECT_EQ(world.pool.FindByOrder(considered->accounts[0].order)->facts.id, c) << "the strategy's first";
  EXPECT_EQ(considered->accounts[0].place, 1);
  EXPECT_EQ(world.pool.FindByOrder(considered->accounts[1].order)->facts.id, b);
  EXPECT_EQ(considered->accounts[2].block, Block::kExhausted);
  EXPECT_EQ(considered->accounts[2].until, world.now.wall + 2h);
  EXPECT_EQ(considered->accounts[2].evidence, "429 usage_limit_reached");
  EXPECT_EQ(world.One<Granted>()->account, b) << "where the conversation lives";
}

TEST(PoolExplain, KnowsWhatIsKeptForOthersAndWhatIsHeldToTags) {
  PoolSettings settings = TracedSettings();
  settings.reserves = {{10, std::chrono::hours(168), {"ci"}, {}, {}}};
  World world(settings);
  const AccountId a = world.Add("a");
  UsageAnswer answer;
  answer.http_status = 200;
  answer.quota.windows = {{"secondary", 95, std::chrono::hours(168), world.now.wall + 30h}};
  world.Take(world.pool.UsageChecked(a, answer, world.now));
  const PoolExplanation told = world.Explain();
  EXPECT_THAT(told.accounts[0].reason, HasSubstr("is kept for others (the last 10 % of 7d for ci)"));
  EXPECT_EQ(told.accounts[0].until, world.now.wall + 30h);
  ASSERT_TRUE(told.denied);
  EXPECT_THAT(told.denied->summary, HasSubstr("1 kept for other keys until "));
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = world.epoch;
  args.request = RequestId("r1");
  args.provider = "codex";
  args.wire_model = "gpt-5.5";
  args.key_name = "ci";
  EXPECT_EQ(world.pool.Explain(args, world.now).chosen, a);
  world.Add("b");
  args.key_name.clear();
  world.said.clear();
  world.Take(world.pool.Acquire(args, world.now));
  const auto considered = world.One<Considered>();
  ASSERT_TRUE(considered);
  ASSERT_EQ(considered->accounts.size(), 2u);
  EXPECT_EQ(considered->accounts[0].place, 1);
  EXPECT_EQ(considered->accounts[1].block, Block::kReserved);
  EXPECT_EQ(considered->accounts[1].evidence, "the last 10 % of 7d for ci");
  EXPECT_EQ(considered->accounts[1].until, world.now.wall + 30h);
  args.tags = {"mine"};
  const PoolExplanation tagged = world.pool.Explain(args, world.now);
  EXPECT_TRUE(tagged.chosen.empty());
  EXPECT_EQ(tagged.accounts[0].reason, "has none of the tags that the request is held to");
}

TEST(PoolConsidered, IsShortHoweverManyAccountsThereAre) {
  World world(TracedSettings());
  for (int i = 0; i < 100; ++i) world.Add("a" + std::to_string(i));
  world.Acquire("r1");
  const auto considered = world.One<Considered>();
  ASSERT_TRUE(considered);
  EXPECT_EQ(considered->accounts.size(), 8u);
  EXPECT_EQ(considered->accounts_total, 100u);
  world.Take(world.pool.Configure(DefaultSettings(), world.now));
  world.Acquire("r2");
  EXPECT_FALSE(world.One<Considered>());
}

TEST(PoolDenial, SaysInAFewWordsHowTheAccountsAre) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b");
  MarkAs(world, b, AccountState::kExpired, "401 token_invalidated");
  const Granted granted = world.MustGrant("r1");
  EXPECT_EQ(granted.account, a);
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = world.now.wall + 1h;
  world.Retry(granted, failure);
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_THAT(denied->summary, HasSubstr("1 exhausted until "))
      << "the request tried it, and what it is now is what its client wants to know";
  EXPECT_THAT(denied->summary, HasSubstr(", 1 in need of a login or key"));
}

}  // namespace
}  // namespace patchbay::accounts
