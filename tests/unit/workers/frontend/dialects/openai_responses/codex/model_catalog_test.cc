#include "workers/frontend/dialects/openai_responses/codex/model_catalog.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using testing_models::Ids;
using testing_models::Models;
using testing_models::Parsed;

TEST(ModelCatalog, HandsOnTheProvidersOwnEntries) {
  const std::string body = *EncodeModelCatalog(Models());
  EXPECT_NE(body.find(R"({"slug":"gpt-5.5","display_name":"GPT-5.5","x":1})"), std::string::npos) << body;
  const json::value list = Parsed(body);
  EXPECT_THAT(Ids(list.at("models"), "slug"), ElementsAre("gpt-5.5", "hidden", "mine", "other"));
  EXPECT_EQ(list.at("models").at(2).at("display_name"), "mine");
  EXPECT_EQ(list.at("models").at(2).at("x"), 1);
}

TEST(ModelCatalog, WritesEveryMemberThatTheCliInsistsOn) {
  const json::value entry = Parsed(*EncodeModelCatalog(Models())).at("models").at(3);
  for (const char* member :
       {"slug", "display_name", "supported_reasoning_levels", "shell_type", "visibility", "supported_in_api",
        "priority", "base_instructions", "support_verbosity", "truncation_policy", "experimental_supported_tools",
        "supports_reasoning_summaries", "supports_parallel_tool_calls"}) {
    EXPECT_TRUE(entry.as_object().contains(member)) << member;
  }
  EXPECT_EQ(entry.at("default_reasoning_level"), "high") << "one that the model has";
}

TEST(ModelCatalog, IsNotInventedWhileNoProviderHasToldItsList) {
  accounts::v1::ListModelsReply shipped;
  shipped.add_models()->set_id("gpt-5.5");
  const auto catalog = EncodeModelCatalog(shipped);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.error().code, ErrorCode::kUnavailable);
}

TEST(ModelCatalog, IsToldOnceAndThenByItsTag) {
  const Answer first = *AnswerModelCatalog(Models(), "");
  EXPECT_EQ(first.status, 200);
  ASSERT_EQ(first.headers.back().first, "etag");
  const std::string tag = first.headers.back().second;
  EXPECT_THAT(tag, ::testing::MatchesRegex(R"(W/"[A-Za-z0-9_-]+")"));
  for (const std::string& known : {tag, std::string("\"other\", ") + tag, std::string("*")}) {
    const Answer again = *AnswerModelCatalog(Models(), known);
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
  }
  EXPECT_EQ(AnswerModelCatalog(Models(), "\"other\"")->status, 200);
  accounts::v1::ListModelsReply more = Models();
  more.add_models()->set_id("new");
  EXPECT_EQ(AnswerModelCatalog(more, tag)->status, 200) << "another list, another tag";
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
