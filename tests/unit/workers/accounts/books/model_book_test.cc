#include "workers/accounts/books/model_book.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
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
  const AccountId account = world_.MustAdd("acct");
  WillTell(kList);
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
  world_.MustAdd("acct");
  WillFail();
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
  world_.MustAdd("acct");
  WillTell(kList);
  Tick();
  world_.clock.Pass(2h);
  WillTell(R"({"models":[]})");
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
}

TEST_F(ModelBookTest, KnowsTheListsAgainAfterARestart) {
  world_.MustAdd("acct");
  WillTell(kList);
  Tick();
  world_.Settle();
  world_.Crash();
  world_.Start();
  Tick();
  EXPECT_THAT(Ids(), ElementsAre("gpt-6"));
  EXPECT_THAT(asked(), SizeIs(0)) << "it is fresh";
}

TEST_F(ModelBookTest, ForgetsTheListOfAPlanThatIsGone) {
  const AccountId account = world_.MustAdd("acct");
  WillTell(kList);
  Tick();
  ASSERT_TRUE(world_.Await(world_.accounts().Remove(account)).ok());
  Tick();
  EXPECT_THAT(Ids(), Not(Contains("gpt-6")));
  world_.Settle();
  auto store = OpenStore(world_.directory.path);
  EXPECT_THAT(*(*store)->LoadModelLists(), SizeIs(0));
}

TEST_F(ModelBookTest, AsksNobodyWhoseLoginIsDead) {
  const AccountId account = world_.MustAdd("acct");
  world_.Carry(world_.pool().RefreshRefused(account, "revoked", world_.Now()));
  Tick();
  EXPECT_THAT(asked(), SizeIs(0));
}

TEST_F(ModelBookTest, ListsTheOperatorsNamesBehindTheModels) {
  world_.MustAdd("acct");
  WillTell(kList);
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
}

}  // namespace
}  // namespace patchbay::accounts
