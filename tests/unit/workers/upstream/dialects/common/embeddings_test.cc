#include "workers/upstream/dialects/common/embeddings.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(EmbeddingsObserver, ReadsUsageAndModelHoweverTheAnswerCame) {
  const std::string answer =
      R"({"object":"list","data":[{"embedding":[0.1,2],"index":0}],"model":"m-1","usage":{"prompt_tokens":8,"total_tokens":8}} )";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, answer.size()}) {
    EmbeddingsObserver observer;
    for (std::size_t at = 0; at < answer.size(); at += piece) {
      ASSERT_TRUE(observer.Feed(std::string_view(answer).substr(at, piece)).ok());
    }
    EXPECT_TRUE(observer.summary().ended);
    EXPECT_EQ(observer.summary().model, "m-1");
    EXPECT_TRUE(observer.summary().has_usage);
    EXPECT_EQ(observer.summary().usage.input_tokens(), 8);
  }
}

TEST(EmbeddingsObserver, HasNoUsageWhereTheProviderTellsNone) {
  EmbeddingsObserver observer;
  ASSERT_TRUE(observer.Feed(R"({"data":[],"usage":null})").ok());
  EXPECT_TRUE(observer.summary().ended);
  EXPECT_FALSE(observer.summary().has_usage);
}

TEST(EmbeddingsObserver, RefusesWhatIsNoObject) {
  EmbeddingsObserver observer;
  EXPECT_FALSE(observer.Feed("[1]").ok());
}

}  // namespace
}  // namespace patchbay::upstream
