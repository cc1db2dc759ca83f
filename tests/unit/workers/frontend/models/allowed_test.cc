#include "workers/frontend/models/allowed.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using testing_models::Models;

std::vector<std::string> AllowedIds(const char* text) {
  accounts::v1::KeyTerms terms;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &terms)) << text;
  const auto all = std::make_shared<const accounts::v1::ListModelsReply>(Models());
  const auto allowed = AllowedModels(all, &terms);
  std::vector<std::string> ids;
  for (const auto& model : allowed->models()) ids.push_back(model.id());
  return ids;
}

TEST(AllowedModels, AreAllOfThemWithoutTerms) {
  const auto all = std::make_shared<const accounts::v1::ListModelsReply>(Models());
  EXPECT_EQ(AllowedModels(all, nullptr), all);
  const accounts::v1::KeyTerms none;
  EXPECT_EQ(AllowedModels(all, &none), all) << "nothing is copied";
}

TEST(AllowedModels, GoByTheirNameAndByWhatItStandsFor) {
  EXPECT_THAT(AllowedIds(R"pb(models: "gpt-5.5")pb"), ElementsAre("gpt-5.5", "mine"));
  EXPECT_THAT(AllowedIds(R"pb(models: "mine")pb"), ElementsAre("mine"));
  EXPECT_THAT(AllowedIds(R"pb(models: "codex/*")pb"), ElementsAre("gpt-5.5", "hidden", "mine"));
  EXPECT_THAT(AllowedIds(R"pb(models: "claude-*")pb"), IsEmpty());
}

TEST(AllowedModels, GoByTheirProvider) {
  EXPECT_THAT(AllowedIds(R"pb(providers: "elsewhere")pb"), ElementsAre("other"));
  EXPECT_THAT(AllowedIds(R"pb(providers: "elsewhere" models: "gpt-*")pb"), IsEmpty());
}

TEST(AllowedModels, LeaveOutThoseThatAlwaysThinkMoreThanTheKeyMay) {
  EXPECT_THAT(AllowedIds(R"pb(highest_effort: "low")pb"), Not(Contains("other"))) << "it knows no effort but high";
  EXPECT_THAT(AllowedIds(R"pb(highest_effort: "low")pb"), Contains("gpt-5.5"));
  EXPECT_THAT(AllowedIds(R"pb(highest_effort: "high")pb"), Contains("other"));
}

TEST(AllowedModels, LeaveOutSecondNamesToo) {
  accounts::v1::ListModelsReply list;
  list.set_pending(true);
  auto& second = *list.add_claude_names();
  second.set_id("claude-x");
  second.set_provider("codex");
  second.set_alias_of("gpt-5.5");
  accounts::v1::KeyTerms terms;
  terms.add_models("other");
  const auto allowed = AllowedModels(std::make_shared<const accounts::v1::ListModelsReply>(list), &terms);
  EXPECT_THAT(allowed->claude_names(), IsEmpty());
  EXPECT_TRUE(allowed->pending());
}

}  // namespace
}  // namespace patchbay::frontend
