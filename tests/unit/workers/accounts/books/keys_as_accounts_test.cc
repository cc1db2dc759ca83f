// A key is an account like any other.
#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Added> AddKey(CoreWorld& world, const std::string& provider, const std::string& key,
                     const std::string& refresh = "") {
  NewAccount account;
  account.provider = provider;
  account.tokens.access = Secret(key);
  account.tokens.refresh = Secret(refresh);
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  auto results = world.Await(world.core->administration().AddAccounts(std::move(accounts)));
  world.Settle();
  return std::move(results.front());
}

std::string Refusal(CoreWorld& world, const std::string& provider, const std::string& key,
                    const std::string& refresh = "") {
  const auto added = AddKey(world, provider, key, refresh);
  return added.ok() ? "" : added.error().message;
}

void Ask(CoreWorld& world, const std::string& request, const std::string& model) {
  CallWish wish = CoreWorld::Wish(request);
  wish.model = model;
  world.core->Acquire(wish);
  world.Settle();
}

TEST(KeyAsAccount, IsLeasableAndDurable) {
  CoreWorld world;
  const auto added = AddKey(world, "groq", "gsk_1");
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_TRUE(added->created);
  Ask(world, "r1", "groq/llama-9");
  ASSERT_EQ(world.granted.size(), 1u);
  EXPECT_EQ(world.granted[0].account, added->account);
  EXPECT_EQ(world.granted[0].wire_model, "llama-9");
  world.Crash();
  world.Start();
  EXPECT_EQ(world.accounts().Find(added->account)->tokens.access.Reveal(), "gsk_1");
  EXPECT_TRUE(world.pool().Find(added->account)->facts.has_access_token);
}

TEST(KeyAsAccount, IsAnAccountOfItsOwnAndTheSameWhenAddedTwice) {
  CoreWorld world;
  const auto first = AddKey(world, "groq", "gsk_1");
  const auto second = AddKey(world, "groq", "gsk_2");
  const auto again = AddKey(world, "groq", "gsk_1");
  ASSERT_TRUE(first.ok() && second.ok() && again.ok());
  EXPECT_NE(first->account, second->account);
  EXPECT_EQ(again->account, first->account);
  EXPECT_FALSE(again->created);
  const auto elsewhere = AddKey(world, "openrouter", "gsk_1");
  ASSERT_TRUE(elsewhere.ok());
  EXPECT_TRUE(elsewhere->created);
}

TEST(KeyAsAccount, IsNotTakenForALoginWhateverItLooksLike) {
  CoreWorld world;
  const auto added = AddKey(world, "groq", Jwt(world.clock.wall - 1h, "acct"));
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_EQ(world.accounts().Find(added->account)->email, "");
  EXPECT_FALSE(world.accounts().TokenExpiry(added->account).has_value());
}

TEST(KeyAsAccount, IsNothingWhereTheProviderWantsNone) {
  CoreWorld world;
  const auto local = AddKey(world, "ollama", "");
  ASSERT_TRUE(local.ok()) << local.error().message;
  EXPECT_TRUE(world.pool().Find(local->account)->facts.has_access_token);
  Ask(world, "r1", "ollama/llama3:latest");
  ASSERT_EQ(world.granted.size(), 1u);
  EXPECT_EQ(world.granted[0].wire_model, "llama3:latest");
  const auto again = AddKey(world, "ollama", "");
  EXPECT_EQ(again->account, local->account);
  EXPECT_TRUE(AddKey(world, "vllm", "").ok());
  EXPECT_TRUE(AddKey(world, "vllm", "token-abc").ok());
}

TEST(KeyAsAccount, IsRefusedWithWhatWouldDo) {
  CoreWorld world;
  EXPECT_EQ(Refusal(world, "groq", ""), "Groq needs a key; get one at https://console.groq.com/keys");
  EXPECT_EQ(Refusal(world, "groq", "gsk_1", "rt_1"), "accounts of Groq have a key and no refresh token");
  EXPECT_EQ(Refusal(world, "ollama", "k"), "Ollama takes no key; add it without one");
  EXPECT_EQ(Refusal(world, "groq", "gsk 1"), "a token holds characters that no token has");
  EXPECT_THAT(Refusal(world, "gork", "k"), HasSubstr("unknown provider: gork"));
  EXPECT_THAT(Refusal(world, "custom", "k"), HasSubstr("unknown provider: custom"));
}

TEST(KeyAsAccount, ThatIsRefusedByItsProviderNeedsAnother) {
  CoreWorld world;
  const auto added = AddKey(world, "groq", "gsk_1");
  world.Carry(world.pool().UsageChecked(added->account, {401, Cause::kUnknown, "", {}, false}, world.Now()));
  const auto explained = world.core->administration().Explain({"groq/llama-9", "", ""});
  ASSERT_TRUE(explained.ok());
  ASSERT_EQ(explained->accounts.size(), 1u);
  EXPECT_THAT(explained->accounts[0].reason, HasSubstr("its key is refused; add another"));
}

TEST(KeyAsAccount, ThatIsExhaustedIsTriedAgainWhereNobodyTellsOfQuota) {
  CoreWorld world;
  const auto added = AddKey(world, "groq", "gsk_1");
  world.Carry(world.pool().UsageChecked(
      added->account, {200, Cause::kUnknown, "", {.plan = {}, .windows = {}, .limit_reached = true}, false},
      world.Now()));
  ASSERT_EQ(world.StateOf(added->account), AccountState::kExhausted);
  world.clock.Pass(10min);
  world.Carry(world.pool().Tick(world.Now()));
  world.Settle();
  EXPECT_EQ(world.StateOf(added->account), AccountState::kActive);
  EXPECT_EQ(world.fetcher->usage_calls, 0) << "there is nobody to ask";
}

TEST(KeyAsAccount, TellsItsProvidersModels) {
  CoreWorld world;
  world.fetcher->models.push_back(FetchAnswer{200, Secret(R"({"data":[{"id":"llama-9"},{"id":"whisper-3"}]})")});
  ASSERT_TRUE(AddKey(world, "groq", "gsk_1").ok());
  world.models().Tick();
  std::vector<std::string> ids;
  for (const ListedModel& listed : world.models().List()) ids.push_back(listed.model.provider + " " + listed.model.id);
  EXPECT_THAT(ids, ElementsAre("groq llama-9"));
  Ask(world, "r1", "llama-9");
  ASSERT_EQ(world.granted.size(), 1u);
  EXPECT_EQ(world.granted[0].provider, "groq");
}

TEST(KeyAsAccount, StandsInForAnotherProvidersAccountWithinOneRequest) {
  CoreWorld world;
  world.fetcher->models.push_back(FetchAnswer{200, Secret(R"({"models":[{"slug":"gpt-5.5","visibility":"list"}]})")});
  const AccountId login = world.MustAdd("acct");
  world.fetcher->models.push_back(FetchAnswer{200, Secret(R"({"data":[{"id":"gpt-5.5"}]})")});
  const auto key = AddKey(world, "openai", "sk-1");
  ASSERT_TRUE(key.ok());
  world.models().Tick();
  Ask(world, "r1", "gpt-5.5");
  ASSERT_EQ(world.granted.size(), 1u);
  EXPECT_EQ(world.granted[0].account, login);
  EXPECT_EQ(world.granted[0].terms->dialect, "codex");
  RetryArgs retry;
  retry.frontend = FrontendId("f");
  retry.epoch = 1;
  retry.request = RequestId("r1");
  retry.lease = world.granted[0].lease;
  retry.failure.stage = Stage::kStatus;
  retry.failure.http_status = 429;
  retry.failure.cause = Cause::kExhausted;
  retry.failure.body = Body::kJson;
  world.core->Retry(retry, {});
  ASSERT_EQ(world.granted.size(), 2u);
  EXPECT_EQ(world.granted[1].account, key->account);
  EXPECT_EQ(world.granted[1].terms->dialect, "openai_responses");
}

}  // namespace
}  // namespace patchbay::accounts
