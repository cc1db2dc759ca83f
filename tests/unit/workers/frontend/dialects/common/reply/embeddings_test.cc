#include "workers/frontend/dialects/common/reply/embeddings.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

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
  for (const char* body :
       {"", "{}", R"({"data":{}})", R"({"data":[]})", R"({"data":[{"embedding":[]}]})",
        R"({"data":[{"embedding":["x"]}]})", R"({"data":[{"embedding":[1e99]}]})",
        R"({"data":[{"index":1,"embedding":[1]}]})", R"({"data":[{"embedding":[1]},{"embedding":[1]}]})"}) {
    const auto reply = ReadEmbeddings(body, 1);
    ASSERT_FALSE(reply.ok()) << body;
    EXPECT_EQ(reply.error().code, ErrorCode::kProtocol) << body;
  }
}

}  // namespace
}  // namespace patchbay::frontend
