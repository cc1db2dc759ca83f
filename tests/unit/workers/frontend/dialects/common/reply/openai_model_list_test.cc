#include "workers/frontend/dialects/common/reply/openai_model_list.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using testing_models::Ids;
using testing_models::Models;
using testing_models::Parsed;

TEST(OpenAiModelList, ListsWhatIsNotHidden) {
  const json::value list = Parsed(OpenAiModelList(Models()));
  EXPECT_EQ(list.at("object"), "list");
  EXPECT_THAT(Ids(list.at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other"));
  const json::value& model = list.at("data").at(0);
  EXPECT_EQ(model.at("object"), "model");
  EXPECT_EQ(model.at("created"), 1776729600);
  EXPECT_EQ(model.at("owned_by"), "openai");
  EXPECT_EQ(list.at("data").at(2).at("owned_by"), "elsewhere");
}

TEST(OpenAiModelList, LeavesOutTheNamesOfOtherShapes) {
  accounts::v1::ListModelsReply models = Models();
  models.add_claude_names()->set_id("claude-gpt-5.5");
  EXPECT_THAT(Ids(Parsed(OpenAiModelList(models)).at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other"));
}

}  // namespace
}  // namespace patchbay::frontend
