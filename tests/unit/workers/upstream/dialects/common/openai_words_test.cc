#include "workers/upstream/dialects/common/openai_words.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

TEST(OpenAiWords, NameEveryTierButTheAutomaticOne) {
  EXPECT_EQ(OpenAiTierName(inf::TIER_STANDARD), "default");
  EXPECT_EQ(OpenAiTierName(inf::TIER_PRIORITY), "priority");
  EXPECT_EQ(OpenAiTierName(inf::TIER_FLEX), "flex");
  EXPECT_EQ(OpenAiTierName(inf::TIER_SCALE), "scale");
  EXPECT_EQ(OpenAiTierName(inf::TIER_UNSPECIFIED), "");
}

TEST(OpenAiWords, TellHowLikelyATokenWasAndTheOthers) {
  inf::TokenLogprob token;
  ReadOpenAiLogprob(R"({"token":"é","logprob":-0.5,"bytes":[195,169],
                        "top_logprobs":[{"token":"e","logprob":-1.5,"bytes":null}]})",
                    token);
  EXPECT_EQ(token.token(), "é");
  EXPECT_EQ(token.logprob(), -0.5);
  EXPECT_EQ(token.bytes(), "é");
  ASSERT_EQ(token.top_size(), 1);
  EXPECT_EQ(token.top(0).token(), "e");
  EXPECT_EQ(token.top(0).logprob(), -1.5);
}

}  // namespace
}  // namespace patchbay::upstream
