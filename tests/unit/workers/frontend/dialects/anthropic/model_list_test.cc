#include "workers/frontend/dialects/anthropic/model_list.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend::anthropic {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using testing_models::Ids;
using testing_models::Models;
using testing_models::Parsed;

TEST(AnthropicModelList, HasTheShapeOfAPage) {
  const json::value page = Parsed(*EncodeModelList(Models(), ""));
  EXPECT_THAT(Ids(page.at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other"));
  EXPECT_EQ(page.at("has_more"), false);
  EXPECT_EQ(page.at("first_id"), "gpt-5.5");
  EXPECT_EQ(page.at("last_id"), "other");
  const json::value& model = page.at("data").at(0);
  EXPECT_EQ(model.at("type"), "model");
  EXPECT_EQ(model.at("created_at"), "2026-04-21T00:00:00Z");
  EXPECT_EQ(model.at("max_input_tokens"), 272000);
  EXPECT_EQ(model.at("capabilities").at("image_input").at("supported"), true);
  EXPECT_EQ(model.at("capabilities").at("effort").at("high").at("supported"), true);
  EXPECT_EQ(model.at("capabilities").at("effort").at("max").at("supported"), false);
  EXPECT_EQ(page.at("data").at(2).at("max_input_tokens"), nullptr);
}

TEST(AnthropicModelList, EndsInTheNamesThatClientsOfAnthropicsShow) {
  accounts::v1::ListModelsReply models = Models();
  auto& name = *models.add_claude_names();
  name.set_id("claude-gpt-5.5");
  name.set_display_name("GPT-5.5");
  name.set_description("Well tried");
  models.add_claude_names()->set_id("mine");
  const json::value page = Parsed(*EncodeModelList(models, "limit=1000"));
  EXPECT_THAT(Ids(page.at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other", "claude-gpt-5.5"));
  EXPECT_EQ(page.at("data").at(3).at("display_name"), "GPT-5.5");
  EXPECT_EQ(page.at("data").at(3).at("description"), "Well tried");
}

TEST(AnthropicModelList, IsReadPageByPageInBothDirections) {
  const auto page = [](std::string_view query) { return Parsed(*EncodeModelList(Models(), query)); };
  EXPECT_THAT(Ids(page("limit=2").at("data"), "id"), ElementsAre("gpt-5.5", "mine"));
  EXPECT_EQ(page("limit=2").at("has_more"), true);
  EXPECT_THAT(Ids(page("limit=2&after_id=mine").at("data"), "id"), ElementsAre("other"));
  EXPECT_EQ(page("limit=2&after_id=mine").at("has_more"), false);
  EXPECT_THAT(Ids(page("before_id=other&limit=1").at("data"), "id"), ElementsAre("mine"));
  EXPECT_EQ(page("before_id=other&limit=1").at("has_more"), true);
  for (const char* query : {"after_id=other", "after_id=unheard-of", "before_id=gpt-5.5"}) {
    EXPECT_TRUE(page(query).at("data").as_array().empty()) << query;
    EXPECT_EQ(page(query).at("first_id"), nullptr);
    EXPECT_EQ(page(query).at("last_id"), nullptr);
  }
}

TEST(AnthropicModelList, RefusesALimitThatIsNone) {
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=1x", "limit=-1", "limit=99999999999999999999"}) {
    EXPECT_FALSE(EncodeModelList(Models(), query).ok()) << query;
  }
}

TEST(AnthropicModelList, HasEveryMemberOfAModelThatTheSdkPromises) {
  const json::value model = Parsed(*EncodeModelList(Models(), "")).at("data").at(0);
  for (const char* member : {"lifecycle", "line", "deprecated_at", "retires_at", "max_tokens"}) {
    EXPECT_TRUE(model.as_object().contains(member)) << member;
  }
  const json::object& capabilities = model.at("capabilities").as_object();
  for (const char* member : {"batch", "citations", "code_execution", "context_management", "effort", "image_input",
                             "pdf_input", "server_tools", "structured_outputs", "thinking"}) {
    ASSERT_TRUE(capabilities.contains(member)) << member;
    EXPECT_TRUE(capabilities.at(member).at("supported").is_bool()) << member;
  }
  for (const char* type : {"adaptive", "between_tools", "disabled", "enabled"}) {
    EXPECT_TRUE(capabilities.at("thinking").at("types").at(type).at("supported").is_bool()) << type;
  }
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
