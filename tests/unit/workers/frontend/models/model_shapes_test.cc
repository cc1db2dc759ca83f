#include "workers/frontend/models/model_shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

accounts::v1::ListModelsReply OneModel() {
  accounts::v1::ListModelsReply models;
  auto& model = *models.add_models();
  model.set_id("gpt-5.5");
  model.set_provider("codex");
  model.set_codex_entry_json(R"({"slug":"gpt-5.5"})");
  return models;
}

Answer List(std::string_view dialect, std::string_view query = "", std::string_view if_none_match = "") {
  const auto answer = AnswerModelList({.dialect = dialect, .query = query, .if_none_match = if_none_match}, OneModel());
  EXPECT_TRUE(answer.ok());
  return answer.ok() ? *answer : Answer();
}

TEST(ModelShapes, FollowTheDialect) {
  EXPECT_THAT(List("openai_chat").body, StartsWith(R"({"object":"list")"));
  EXPECT_THAT(List("openai_responses").body, StartsWith(R"({"object":"list")"));
  EXPECT_THAT(List("anthropic").body, HasSubstr(R"("has_more":false)"));
  EXPECT_THAT(List("gemini").body, HasSubstr(R"("name":"models/gpt-5.5")"));
  for (const char* dialect : {"openai_chat", "anthropic", "gemini"}) {
    EXPECT_THAT(List(dialect).headers, Contains(Pair("content-type", "application/json"))) << dialect;
    EXPECT_THAT(AnswerModel(dialect, OneModel().models(0)).body, HasSubstr("gpt-5.5")) << dialect;
  }
}

TEST(ModelShapes, GiveTheCodexCliItsCatalogOnceAndThenItsTag) {
  const Answer first = List("openai_responses", "client_version=1");
  EXPECT_EQ(first.status, 200);
  ASSERT_EQ(first.headers.back().first, "etag");
  const std::string tag = first.headers.back().second;
  for (const std::string& known : {tag, std::string("\"other\", ") + tag, std::string("*")}) {
    const Answer again = List("openai_responses", "client_version=1", known);
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
  }
  EXPECT_EQ(List("openai_responses", "client_version=1", "\"other\"").status, 200);
}

TEST(ModelShapes, RefuseAPageThatIsNone) {
  EXPECT_EQ(AnswerModelList({.dialect = "anthropic", .query = "limit=x", .if_none_match = ""}, OneModel()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace patchbay::frontend
