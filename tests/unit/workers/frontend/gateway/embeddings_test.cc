#include "workers/frontend/gateway/embeddings.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/engine/engine_testing.h"

namespace patchbay::frontend {
namespace {

gateway::v1::EmbedCall EmbedCallOf(const std::string& text) { return FromText<gateway::v1::EmbedCall>(text); }

TEST(Embeddings, AreAskedForWithTheModelOfTheGrant) {
  const EmbedBytes bytes(
      EmbedCallOf(R"pb(model: "mine" inputs: "a \"b\"" inputs: "c" dimensions: 8 user_id: "u" truncate: true)pb"));
  GrantTerms terms;
  terms.model = "theirs";
  const auto relayed = bytes.Relayed(terms);
  ASSERT_TRUE(relayed.ok());
  EXPECT_EQ(*relayed->body, R"({"model":"theirs","input":["a \"b\"","c"],"dimensions":8,"user":"u"})");
  EXPECT_EQ(relayed->ignored, std::vector<std::string>{"truncate"});
  EXPECT_FALSE(bytes.Translated().ok());
}

TEST(Embeddings, AreReadInTheOrderOfTheInputs) {
  const auto reply = ReadEmbeddings(
      R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[0.5,-1e-3]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}})",
      2);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_FLOAT_EQ(reply->embeddings(0).values(1), -0.001f);
  EXPECT_FLOAT_EQ(reply->embeddings(1).values(0), 3.0f);
  EXPECT_EQ(reply->served_model(), "m");
  EXPECT_EQ(reply->usage().input_tokens(), 7);
}

TEST(Embeddings, OfAnotherShapeAreABrokenAnswer) {
  for (const char* body : {"", "{}", R"({"data":{}})", R"({"data":[]})", R"({"data":[{"embedding":[]}]})",
                           R"({"data":[{"embedding":["x"]}]})", R"({"data":[{"index":1,"embedding":[1]}]})",
                           R"({"data":[{"embedding":[1]},{"embedding":[1]}]})"}) {
    const auto reply = ReadEmbeddings(body, 1);
    ASSERT_FALSE(reply.ok()) << body;
    EXPECT_EQ(reply.error().code, ErrorCode::kProtocol) << body;
  }
}

TEST(Embeddings, AreNotAskedForWithoutAModelOrAnInput) {
  for (const char* call : {"", R"(model: "m")", R"(inputs: "a")", R"(model: "m" inputs: "a" inputs: "")",
                           R"(model: "m" inputs: "a" dimensions: 0)"}) {
    const auto checked = CheckEmbedCall(EmbedCallOf(call));
    ASSERT_FALSE(checked.ok()) << call;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument) << call;
  }
}

}  // namespace
}  // namespace patchbay::frontend
