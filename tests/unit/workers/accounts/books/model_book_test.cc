#include "workers/accounts/books/model_book.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kList = R"({"models":[{"slug":"gpt-6","visibility":"list"}]})";

class ModelBookTest : public ::testing::Test {
 protected:
  void WillTell(std::string body) { world_.fetcher->models.push_back(FetchAnswer{200, Secret(std::move(body))}); }
  void WillFail() { world_.fetcher->models.push_back(Error(ErrorCode::kUnavailable, "no way")); }
  // One look at what is due, and all that follows from it.
  void Tick() {
    book().Tick();
    world_.Settle();
    book().Tick();
  }
  ModelBook& book() { return world_.models(); }
  std::vector<AccountId>& asked() { return world_.fetcher->models_asked; }
  std::vector<std::string> Ids() {
    std::vector<std::string> ids;
    for (const ListedModel& listed : book().List()) ids.push_back(listed.model.id);
    return ids;
  }

  CoreWorld world_;
};

TEST_F(ModelBookTest, AsksOneAccountOfAPlanAndAgainWhenTheListIsOld) {
  WillTell(kList);
  const AccountId account = world_.MustAdd("acct");
  Tick();
  EXPECT_THAT(asked(), ElementsAre(account));
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
  world_.clock.Pass(59min);
  Tick();
  EXPECT_THAT(asked(), SizeIs(1));
  world_.clock.Pass(2min);
  WillTell(R"({"models":[{"slug":"gpt-7"}]})");
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-7"));
}

TEST_F(ModelBookTest, KeepsTheShippedListAndTriesAgainLaterAndLater) {
  WillFail();
  world_.MustAdd("acct");
  Tick();
  EXPECT_THAT(Ids(), Contains("gpt-5.5"));
  world_.clock.Pass(9s);
  Tick();
  EXPECT_THAT(asked(), SizeIs(1));
  world_.clock.Pass(2s);
  world_.fetcher->models.push_back(FetchAnswer{503, Secret("busy")});
  Tick();
  EXPECT_THAT(asked(), SizeIs(2));
  world_.clock.Pass(11s);
  Tick();
  EXPECT_THAT(asked(), SizeIs(2));
  world_.clock.Pass(10s);
  WillTell("<html>");
  Tick();
  EXPECT_THAT(asked(), SizeIs(3));
  EXPECT_THAT(Ids(), Contains("gpt-5.5"));
  world_.clock.Pass(41s);
  WillTell(kList);
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
}

TEST_F(ModelBookTest, ABrokenAnswerDoesNotReplaceAGoodOne) {
  WillTell(kList);
  world_.MustAdd("acct");
  Tick();
  world_.clock.Pass(2h);
  WillTell(R"({"models":[]})");
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
}

TEST_F(ModelBookTest, KnowsTheListsAgainAfterARestart) {
  WillTell(kList);
  world_.MustAdd("acct");
  Tick();
  world_.Settle();
  world_.Crash();
  world_.Start();
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
  EXPECT_THAT(asked(), SizeIs(0)) << "it is fresh";
}

TEST_F(ModelBookTest, ForgetsTheListOfAPlanThatIsGone) {
  WillTell(kList);
  const AccountId account = world_.MustAdd("acct");
  Tick();
  ASSERT_TRUE(world_.Await(world_.accounts().Remove(account)).ok());
  Tick();
  EXPECT_THAT(Ids(), Not(Contains("gpt-6")));
  world_.Settle();
  auto store = OpenStore(world_.directory.path);
  EXPECT_THAT(*(*store)->LoadModelLists(), SizeIs(0));
}

TEST_F(ModelBookTest, AsksNobodyWhoseLoginIsDead) {
  WillTell(kList);
  const AccountId account = world_.MustAdd("acct");
  Tick();
  ASSERT_THAT(asked(), SizeIs(1));
  world_.Carry(world_.pool().RefreshRefused(account, "revoked", world_.Now()));
  world_.clock.Pass(2h);
  Tick();
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(ModelBookTest, ListsTheOperatorsNamesBehindTheModels) {
  WillTell(kList);
  world_.MustAdd("acct");
  Tick();
  auto config = patchbay::testing::Configured<config::v1::Models>();
  (*config.mutable_aliases())["mine"] = "gpt-6-high";
  (*config.mutable_aliases())["nothing"] = "llama";
  (*config.mutable_aliases())["any-*"] = "gpt-6";
  book().Configure(config);
  EXPECT_THAT(Ids(), ElementsAre("gpt-6", "mine"));
  const ListedModel mine = book().List()[1];
  EXPECT_EQ(mine.alias_of, "gpt-6");
  EXPECT_EQ(mine.model.default_effort, "high");
  EXPECT_FALSE(mine.model.entry.empty());
  EXPECT_EQ(mine.owner, "openai") << "as the provider's row says";
}

TEST_F(ModelBookTest, IsPendingUntilAPlansFirstListIsThere) {
  EXPECT_FALSE(book().Pending()) << "there is nobody to ask";
  world_.fetcher->HoldModels();
  WillTell(kList);
  world_.MustAdd("acct");
  EXPECT_TRUE(book().Pending());
  EXPECT_TRUE(book().PendingFor("claude-opus-5-5"));
  world_.fetcher->ReleaseModels();
  world_.Settle();
  EXPECT_FALSE(book().Pending());
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
}

TEST_F(ModelBookTest, IsPendingForNoLongerThanItsBound) {
  world_.fetcher->HoldModels();
  world_.MustAdd("acct");
  EXPECT_TRUE(book().Pending());
  world_.clock.Pass(ModelBook::kFirstListWait);
  EXPECT_FALSE(book().Pending());
  EXPECT_THAT(Ids(), Contains("gpt-5.5")) << "the shipped list has to do";
  world_.fetcher->ReleaseModels();
}

TEST_F(ModelBookTest, IsNotPendingOnceAListCouldNotBeFetched) {
  WillFail();
  world_.MustAdd("acct");
  world_.Settle();
  EXPECT_FALSE(book().Pending());
}

TEST_F(ModelBookTest, HoldsARequestBackUntilTheModelsAreKnown) {
  world_.fetcher->HoldModels();
  WillTell(R"({"models":[{"slug":"gpt-5.5","visibility":"list"}]})");
  world_.MustAdd("acct");
  world_.AcquireModel("r1", "claude-opus-5-5");
  EXPECT_THAT(world_.told, SizeIs(0));
  world_.core->Withdraw(FrontendId("f"), RequestId("r1"));
  world_.AcquireModel("r2", "claude-opus-5-5");
  world_.fetcher->ReleaseModels();
  world_.Settle();
  EXPECT_THAT(world_.told, ElementsAre("granted r2"));
  EXPECT_EQ(world_.granted.back().wire_model, "gpt-5.5");
}

TEST_F(ModelBookTest, HoldsNoRequestBackForLongerThanItsBound) {
  world_.fetcher->HoldModels();
  world_.MustAdd("acct");
  world_.AcquireModel("r1", "claude-opus-5-5");
  world_.AdmitHeld();
  EXPECT_THAT(world_.told, SizeIs(0));
  world_.clock.Pass(ModelBook::kFirstListWait);
  world_.AdmitHeld();
  EXPECT_THAT(world_.told, ElementsAre("granted r1"));
  EXPECT_EQ(world_.granted.back().wire_model, "gpt-6.2-sol") << "the shipped list has to do";
  world_.fetcher->ReleaseModels();
}

TEST_F(ModelBookTest, HasSecondNamesForWhatCanBeServed) {
  EXPECT_THAT(book().ClaudeNames(), SizeIs(0)) << "there is no account";
  WillTell(R"({"models":[{"slug":"gpt-5.5","visibility":"list","display_name":"GPT-5.5","description":"Old"},)"
           R"({"slug":"secret","visibility":"hide"}]})");
  const AccountId account = world_.MustAdd("acct");
  Tick();
  config::v1::Models config;
  (*config.mutable_aliases())["mine"] = "gpt-5.5-high";
  (*config.mutable_aliases())["claude-own"] = "gpt-5.5";
  config.set_built_in_aliases(true);
  book().Configure(config);
  std::vector<std::string> names;
  for (const ListedModel& listed : book().ClaudeNames()) {
    names.push_back(listed.model.id + ": " + listed.model.display_name + " = " + listed.alias_of);
  }
  EXPECT_THAT(names, ElementsAre("claude-opus-5-5: GPT-5.5 (claude-opus-5-5) = gpt-5.5",
                                 "claude-fable-5-2: GPT-5.5 (claude-fable-5-2) = gpt-5.5",
                                 "claude-sonnet-5-5: GPT-5.5 (claude-sonnet-5-5) = gpt-5.5",
                                 "claude-haiku-5-5: GPT-5.5 (claude-haiku-5-5) = gpt-5.5",
                                 "claude-gpt-5.5: GPT-5.5 = gpt-5.5", "claude-mine: mine = gpt-5.5"));
  EXPECT_EQ(book().ClaudeNames()[4].model.description, "Old");
  world_.Carry(world_.pool().RefreshRefused(account, "revoked", world_.Now()));
  EXPECT_THAT(book().ClaudeNames(), SizeIs(0)) << "nobody could serve them";
}

TEST_F(ModelBookTest, NamesNoModelThatEveryAccountHasRefused) {
  WillFail();
  world_.MustAdd("acct");
  Tick();
  EXPECT_THAT(book().UnknownModel("gpt-6.2-soul"), HasSubstr("'gpt-6.2-sol'"));
  world_.AcquireModel("r1", "gpt-6.2-sol");
  FailureFacts refused;
  refused.stage = Stage::kStatus;
  refused.http_status = 404;
  refused.cause = Cause::kModel;
  refused.body = Body::kJson;
  world_.Retry(world_.granted.back(), refused);
  ASSERT_THAT(world_.told, ElementsAre("granted r1", "denied r1 unknown_model"));
  EXPECT_THAT(world_.denied.back().message,
              HasSubstr("the model 'gpt-6.2-sol' does not exist or no account serves it; the nearest"));
  EXPECT_THAT(Ids(), Not(Contains("gpt-6.2-sol")));
  EXPECT_THAT(book().UnknownModel("gpt-6.2-soul"), Not(HasSubstr("'gpt-6.2-sol'")));
}

}  // namespace
}  // namespace patchbay::accounts
