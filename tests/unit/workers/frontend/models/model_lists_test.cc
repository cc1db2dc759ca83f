#include "workers/frontend/models/model_lists.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "workers/frontend/models/gemini_models.h"

namespace patchbay::frontend {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;

accounts::v1::ListModelsReply Models() {
  accounts::v1::ListModelsReply reply;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(models {
             id: "gpt-5.5"
             provider: "codex"
             display_name: "GPT-5.5"
             context_window: 272000
             vision: true
             tools: true
             reasoning_efforts: "low"
             reasoning_efforts: "high"
             created_at { seconds: 1776729600 }
             live: true
             priority: 1
             codex_entry_json: '{"slug":"gpt-5.5","display_name":"GPT-5.5","x":1}'
             plans: "plus"
           }
           models { id: "hidden" provider: "codex" hidden: true live: true codex_entry_json: '{"slug":"hidden"}' }
           models {
             id: "mine"
             provider: "codex"
             alias_of: "gpt-5.5"
             live: true
             codex_entry_json: '{"slug":"gpt-5.5","display_name":"GPT-5.5","x":1}'
           }
           models { id: "other" provider: "elsewhere" reasoning_efforts: "high" })pb",
      &reply));
  return reply;
}

json::value Parsed(const std::string& text) {
  auto value = wire::ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : json::value();
}

std::vector<std::string> Ids(const json::value& list, const char* key) {
  std::vector<std::string> ids;
  for (const json::value& item : list.as_array()) ids.emplace_back(item.at(key).as_string());
  return ids;
}

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

TEST(AnthropicModelList, HasTheShapeOfAPage) {
  const json::value page = Parsed(*AnthropicModelList(Models(), ""));
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
  const json::value page = Parsed(*AnthropicModelList(models, "limit=1000"));
  EXPECT_THAT(Ids(page.at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other", "claude-gpt-5.5"));
  EXPECT_EQ(page.at("data").at(3).at("display_name"), "GPT-5.5");
  EXPECT_EQ(page.at("data").at(3).at("description"), "Well tried");
  EXPECT_THAT(Ids(Parsed(OpenAiModelList(models)).at("data"), "id"), ElementsAre("gpt-5.5", "mine", "other"));
}

TEST(AnthropicModelList, IsReadPageByPageInBothDirections) {
  const auto page = [](std::string_view query) { return Parsed(*AnthropicModelList(Models(), query)); };
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
    EXPECT_FALSE(AnthropicModelList(Models(), query).ok()) << query;
  }
}

TEST(AnthropicModelList, HasEveryMemberOfAModelThatTheSdkPromises) {
  const json::value model = Parsed(*AnthropicModelList(Models(), "")).at("data").at(0);
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

TEST(GeminiModelList, IsReadPageByPage) {
  const auto page = [](std::string_view query) { return Parsed(*GeminiModelList(Models(), query)); };
  EXPECT_THAT(Ids(page("").at("models"), "name"), ElementsAre("models/gpt-5.5", "models/mine", "models/other"));
  EXPECT_FALSE(page("").as_object().contains("nextPageToken"));
  const json::value first = page("pageSize=2");
  EXPECT_THAT(Ids(first.at("models"), "name"), ElementsAre("models/gpt-5.5", "models/mine"));
  const json::value second = page("pageSize=2&pageToken=" + std::string(first.at("nextPageToken").as_string()));
  EXPECT_THAT(Ids(second.at("models"), "name"), ElementsAre("models/other"));
  EXPECT_FALSE(second.as_object().contains("nextPageToken"));
  for (const char* query : {"pageSize=x", "pageSize=-1", "pageToken=unheard-of", "pageToken=hidden"}) {
    EXPECT_FALSE(GeminiModelList(Models(), query).ok()) << query;
  }
}

TEST(CodexCatalog, HandsOnTheProvidersOwnEntries) {
  const std::string body = *CodexCatalog(Models());
  EXPECT_NE(body.find(R"({"slug":"gpt-5.5","display_name":"GPT-5.5","x":1})"), std::string::npos) << body;
  const json::value list = Parsed(body);
  EXPECT_THAT(Ids(list.at("models"), "slug"), ElementsAre("gpt-5.5", "hidden", "mine", "other"));
  EXPECT_EQ(list.at("models").at(2).at("display_name"), "mine");
  EXPECT_EQ(list.at("models").at(2).at("x"), 1);
}

TEST(CodexCatalog, WritesEveryMemberThatTheCliInsistsOn) {
  const json::value entry = Parsed(*CodexCatalog(Models())).at("models").at(3);
  for (const char* member :
       {"slug", "display_name", "supported_reasoning_levels", "shell_type", "visibility", "supported_in_api",
        "priority", "base_instructions", "support_verbosity", "truncation_policy", "experimental_supported_tools",
        "supports_reasoning_summaries", "supports_parallel_tool_calls"}) {
    EXPECT_TRUE(entry.as_object().contains(member)) << member;
  }
  EXPECT_EQ(entry.at("default_reasoning_level"), "high") << "one that the model has";
}

TEST(CodexCatalog, IsNotInventedWhileNoProviderHasToldItsList) {
  accounts::v1::ListModelsReply shipped;
  shipped.add_models()->set_id("gpt-5.5");
  const auto catalog = CodexCatalog(shipped);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.error().code, ErrorCode::kUnavailable);
}

TEST(WeakETag, ChangesWithTheBytes) {
  EXPECT_EQ(WeakETag("a"), WeakETag("a"));
  EXPECT_NE(WeakETag("a"), WeakETag("b"));
  EXPECT_THAT(WeakETag("a"), ::testing::MatchesRegex(R"(W/"[A-Za-z0-9_-]+")"));
}

TEST(ModelDetails, SaysWhereAModelComesFrom) {
  const json::value all = Parsed(ModelCatalogDetails(Models()));
  EXPECT_EQ(all.at(0).at("source"), "live");
  EXPECT_EQ(all.at(0).at("plans").at(0), "plus");
  EXPECT_EQ(all.at(1).at("hidden"), true);
  EXPECT_EQ(all.at(2).at("source"), "alias");
  EXPECT_EQ(all.at(2).at("alias_of"), "gpt-5.5");
  EXPECT_EQ(all.at(3).at("source"), "shipped");
  EXPECT_EQ(all.at(0), Parsed(ModelDetails(Models().models(0))));
}

}  // namespace
}  // namespace patchbay::frontend
