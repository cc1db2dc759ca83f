#include "workers/accounts/providers/codex/models_reply.h"

#include <gmock/gmock.h>

#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Model> Read(std::string_view body) {
  auto models = ReadCodexModels("codex", body);
  return models.ok() ? std::move(*models) : std::vector<Model>();
}

TEST(CodexModels, ReadsWhatTheProviderTells) {
  const auto models = Read(R"({"models":[{"slug":"gpt-x","display_name":"GPT X","description":"Good","priority":3,
    "default_reasoning_level":"medium","supported_reasoning_levels":[{"effort":"low","description":"L"},{"effort":"ultra"}],
    "visibility":"list","service_tiers":[{"id":"priority","name":"Fast"}],"additional_speed_tiers":["fast","flex"],
    "context_window":272000,"input_modalities":["text"],"something_new":{"a":[1,2]}}]})");
  ASSERT_EQ(models.size(), 1u);
  const Model& model = models.front();
  EXPECT_EQ(model.id, "gpt-x");
  EXPECT_EQ(model.provider, "codex");
  EXPECT_EQ(model.display_name, "GPT X");
  EXPECT_EQ(model.priority, 3);
  EXPECT_EQ(model.context_window, 272000);
  EXPECT_EQ(model.default_effort, "medium");
  EXPECT_THAT(model.efforts, ElementsAre("low", "ultra"));
  EXPECT_THAT(model.service_tiers, ElementsAre("priority", "flex"));
  EXPECT_FALSE(model.hidden);
  EXPECT_EQ(model.vision, false);
  EXPECT_NE(model.entry.find(R"("something_new":{"a":[1,2]})"), std::string::npos) << model.entry;
  EXPECT_TRUE(model.entry.starts_with(R"({"slug":"gpt-x","display_name":)")) << "the entry keeps its order";
}

TEST(CodexModels, TakesWhatIsMissingForTheUsual) {
  const auto models = Read(R"({"models":[{"slug":"a"},{"slug":"b","visibility":"hide"}]})");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].vision, true);
  EXPECT_EQ(models[0].tools, true);
  EXPECT_THAT(models[0].efforts, IsEmpty());
  EXPECT_TRUE(models[1].hidden);
}

TEST(CodexModels, LeavesOutEntriesWithoutAUsableName) {
  const auto models = Read(R"({"models":[1,null,{"slug":""},{"slug":"a b"},{"slug":7},{"slug":"a"},{"slug":"a"}]})");
  ASSERT_EQ(models.size(), 1u);
}

TEST(CodexModels, RefusesWhatIsNoListOfModels) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"models":{}})", R"({"models":[]})", R"({"models":[1]})",
                           R"({"data":[{"id":"gpt-x"}]})", "\xff"}) {
    EXPECT_FALSE(ReadCodexModels("codex", body).ok()) << body;
  }
  EXPECT_FALSE(ReadCodexModels("codex", std::string(100'000, '[')).ok());
}

TEST(CodexModels, TakesAStrangeWealthOfModelsForABoundedOne) {
  std::string body = R"({"models":[)";
  for (int i = 0; i < 2000; ++i) body += (i == 0 ? "" : ",") + std::string(R"({"slug":"m)") + std::to_string(i) + "\"}";
  EXPECT_EQ(Read(body + "]}").size(), kMaxModelsOfAPlan);
}

}  // namespace
}  // namespace patchbay::accounts
