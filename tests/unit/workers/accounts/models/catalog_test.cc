#include "workers/accounts/models/catalog.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/providers/rows.h"
#include "workers/accounts/models/names.h"

namespace patchbay::accounts {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

WallTime At(int seconds) { return WallTime(std::chrono::seconds(1'790'000'000 + seconds)); }

Model Live(const std::string& id, std::int64_t priority = 0) {
  Model model;
  model.id = id;
  model.provider = "codex";
  model.priority = priority;
  model.entry = "{}";
  return model;
}

std::vector<std::string> Ids(const ModelCatalog& catalog) {
  std::vector<std::string> ids;
  for (const Model& model : catalog.models()) ids.push_back(model.id);
  return ids;
}

const std::set<std::pair<std::string, std::string>> kPlus = {{"codex", "plus"}};
const std::set<std::pair<std::string, std::string>> kPlusAndPro = {{"codex", "plus"}, {"codex", "pro"}};

TEST(ModelCatalog, HoldsTheShippedListUntilEveryPlanHasToldItsOwn) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlusAndPro);
  EXPECT_THAT(Ids(catalog), Contains("gpt-6-luna"));
  catalog.Put({"codex", "plus", At(0), {Live("gpt-5.5")}});
  EXPECT_THAT(Ids(catalog), Contains("gpt-6-luna")) << "pro may have it";
  catalog.Put({"codex", "pro", At(0), {Live("gpt-6", 1)}});
  EXPECT_THAT(Ids(catalog), ElementsAre("gpt-5.5", "gpt-6"));
}

TEST(ModelCatalog, OrdersByThePrioritiesOfTheProvider) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlus);
  catalog.Put({"codex", "plus", At(0), {Live("c", 3), Live("a", 1), Live("b", 2)}});
  EXPECT_THAT(Ids(catalog), ElementsAre("a", "b", "c"));
}

TEST(ModelCatalog, UnitesThePlansAndTakesTheNewestWord) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlusAndPro);
  Model older = Live("gpt-5.5", 1);
  older.context_window = 100;
  Model newer = Live("gpt-5.5", 1);
  newer.context_window = 200;
  catalog.Put({"codex", "pro", At(10), {newer, Live("gpt-pro", 2)}});
  catalog.Put({"codex", "plus", At(0), {older}});
  EXPECT_THAT(Ids(catalog), ElementsAre("gpt-5.5", "gpt-pro"));
  EXPECT_EQ(catalog.Find("gpt-5.5")->context_window, 200);
  EXPECT_THAT(catalog.Find("gpt-5.5")->plans, ElementsAre("plus", "pro"));
  EXPECT_THAT(catalog.Find("gpt-pro")->plans, ElementsAre("pro"));
}

TEST(ModelCatalog, FillsInWhatTheProviderDoesNotTellFromTheShippedList) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlus);
  catalog.Put({"codex", "plus", At(0), {Live("gpt-5.5")}});
  const Model* model = catalog.Find("gpt-5.5");
  EXPECT_EQ(model->created_at, 1776729600);
  EXPECT_EQ(model->display_name, "GPT-5.5");
  EXPECT_EQ(model->context_window, 272000);
  EXPECT_THAT(model->efforts, Contains("xhigh"));
  EXPECT_TRUE(model->live());
}

TEST(ModelCatalog, ShipsTheListOfTheNewestCodexCli) {
  const ModelCatalog catalog(CatalogProviders());
  EXPECT_THAT(Ids(catalog),
              ElementsAre("gpt-6.2-sol", "gpt-6.2-astra", "gpt-6.1-terra", "gpt-6.1-sol", "gpt-6-astra", "gpt-6-sol",
                          "gpt-6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-daybreak-blue-latest",
                          "gpt-daybreak-red-latest", "codex-auto-review", "gpt-5.5"));
  EXPECT_EQ(catalog.Find("gpt-6.1-terra")->context_window, 500000);
  EXPECT_EQ(catalog.Find("gpt-6-sol")->context_window, 272000);
  EXPECT_THAT(catalog.Find("gpt-6-sol")->efforts, ElementsAre("low", "medium", "high", "xhigh", "max", "ultra"));
  EXPECT_THAT(catalog.Find("gpt-6-luna")->efforts, ElementsAre("low", "medium", "high", "xhigh", "max"));
  EXPECT_THAT(catalog.Find("gpt-5.5")->efforts, ElementsAre("low", "medium", "high", "xhigh"));
  EXPECT_TRUE(catalog.Find("codex-auto-review")->hidden);
  EXPECT_TRUE(catalog.Find("gpt-daybreak-red-latest")->hidden);
}

TEST(ModelCatalog, KnowsWhichPlansLackWhatOthersHave) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlusAndPro);
  catalog.Put({"codex", "pro", At(0), {Live("large"), Live("small")}});
  EXPECT_THAT(catalog.Find("large")->lacking_plans, ElementsAre()) << "plus has not told yet";
  catalog.Put({"codex", "plus", At(0), {Live("small")}});
  EXPECT_THAT(catalog.Find("large")->lacking_plans, ElementsAre("plus"));
  EXPECT_THAT(catalog.Find("small")->lacking_plans, ElementsAre());
}

TEST(ModelCatalog, ReplacesAndForgetsAPlansList) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect(kPlus);
  catalog.Put({"codex", "plus", At(0), {Live("a")}});
  catalog.Put({"codex", "plus", At(1), {Live("b")}});
  EXPECT_THAT(Ids(catalog), ElementsAre("b"));
  catalog.Forget("codex", "plus");
  EXPECT_THAT(Ids(catalog), Not(Contains("b")));
  EXPECT_THAT(Ids(catalog), Contains("gpt-5.5"));
}

TEST(ModelCatalog, ASecondChoiceIsTakenWherePlansLackTheFirst) {
  ModelCatalog catalog(CatalogProviders());
  ModelNames names(catalog);
  names.Configure({}, true);
  EXPECT_EQ(names.Resolve("claude-opus-4-8")->wire_model, "gpt-6.2-sol");
  catalog.Expect(kPlus);
  catalog.Put({"codex", "plus", At(0), {Live("gpt-5.5"), Live("gpt-5.6-luna")}});
  EXPECT_EQ(names.Resolve("claude-opus-4-8")->wire_model, "gpt-5.5");
  EXPECT_EQ(names.Resolve("claude-haiku-4-5")->wire_model, "gpt-5.6-luna");
  names.Configure({{"x", "nothing-1, gpt-9-high"}, {"y", "gpt-9-high, claude-opus-1-low"}}, true);
  EXPECT_EQ(names.Resolve("x")->wire_model, "gpt-9") << "the first that leads anywhere, when no plan has any";
  EXPECT_EQ(names.Resolve("y")->wire_model, "gpt-5.5");
  EXPECT_EQ(names.Resolve("y")->effort, "low");
}

TEST(ModelCatalog, TheFastTierIsLeftOutWhereTheModelHasNone) {
  ModelCatalog catalog(CatalogProviders());
  ModelNames names(catalog);
  EXPECT_EQ(names.Resolve("gpt-6-sol-fast")->service_tier, "priority");
  Model slow = Live("slow");
  Model fast = Live("gpt-fast-one");
  fast.service_tiers = {"priority"};
  catalog.Expect(kPlus);
  catalog.Put({"codex", "plus", At(0), {slow, fast}});
  EXPECT_EQ(names.Resolve("slow-fast")->service_tier, "");
  EXPECT_EQ(names.Resolve("gpt-fast-one-fast")->service_tier, "priority");
  EXPECT_EQ(names.Resolve("gpt-unheard-of-fast")->service_tier, "priority");
}

TEST(ModelCatalog, AliasesThatLeadToManyOthersEnd) {
  ModelCatalog catalog(CatalogProviders());
  ModelNames names(catalog);
  std::map<std::string, std::string> aliases;
  for (int i = 0; i < 12; ++i) {
    std::string target;
    for (int j = 0; j < 12; ++j) target += (j == 0 ? "a" : ",a") + std::to_string(j);
    aliases["a" + std::to_string(i)] = target;
  }
  names.Configure(aliases, true);
  EXPECT_FALSE(names.Resolve("a0"));
}

Model LiveAt(const std::string& provider, const std::string& id) {
  Model model;
  model.id = id;
  model.provider = provider;
  model.told = true;
  return model;
}

TEST(ModelCatalog, HoldsAModelOfEachProviderThatHasOneOfThatName) {
  ModelCatalog catalog(CatalogProviders());
  catalog.Expect({{"openai", ""}, {"codex", "plus"}}, {"openai", "codex"});
  catalog.Put({"codex", "plus", At(0), {LiveAt("codex", "gpt-5.5")}});
  catalog.Put({"openai", "", At(0), {LiveAt("openai", "gpt-5.5"), LiveAt("openai", "o9")}});
  const auto both = catalog.FindAll("gpt-5.5");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0]->provider, "openai") << "whose account was added first";
  EXPECT_EQ(both[1]->provider, "codex");
  EXPECT_EQ(catalog.Find("gpt-5.5")->provider, "openai");
  EXPECT_EQ(catalog.Find("codex", "gpt-5.5")->display_name, "GPT-5.5");
  EXPECT_EQ(catalog.Find("openai", "gpt-5.5")->display_name, "") << "another provider's row says nothing of it";
  EXPECT_EQ(catalog.Find("codex", "o9"), nullptr);
}

TEST(ModelCatalog, ShowsWhatRowsKnowOfProvidersWithAccountsOnly) {
  const Providers providers = ProvidersWith(R"pb(providers {
                                                   key: "mine"
                                                   value {
                                                     base_url: "https://x.example"
                                                     dialect: "openai_chat"
                                                     capabilities: "tools"
                                                     models {
                                                       list {
                                                         key: "m1"
                                                         value { context: 5 output: 3 }
                                                       }
                                                     }
                                                   }
                                                 })pb");
  ModelCatalog catalog(providers);
  EXPECT_EQ(catalog.Find("m1"), nullptr) << "without any account the default provider's are shown";
  EXPECT_NE(catalog.Find("gpt-5.5"), nullptr);
  catalog.Expect({{"mine", ""}}, {"mine"});
  ASSERT_NE(catalog.Find("m1"), nullptr);
  EXPECT_EQ(catalog.Find("m1")->max_output, 3);
  EXPECT_EQ(catalog.Find("gpt-5.5"), nullptr);
  catalog.Put({"mine", "", At(0), {LiveAt("mine", "m2")}});
  EXPECT_EQ(catalog.Find("m1"), nullptr) << "what it tells is the truth";
  EXPECT_EQ(catalog.Find("m2")->tools, true);
  EXPECT_EQ(catalog.Find("m2")->vision, false) << "nobody told, and its row says what all of them can";
}

}  // namespace
}  // namespace patchbay::accounts
