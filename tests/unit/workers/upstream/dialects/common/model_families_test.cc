#include "workers/upstream/dialects/common/model_families.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(ModelFamilies, KnowWhichModelsRefuseSampling) {
  for (const char* model : {"o1", "o3-mini", "gpt-5", "gpt-5.5", "openai/gpt-5.6-sol", "gpt-6.2-astra", "gpt-10"})
    EXPECT_FALSE(TakesSampling(model)) << model;
  for (const char* model : {"gpt-4.1", "gpt-4o", "gpt-oss-120b", "openai/gpt-oss-120b", "gpt-5-chat-latest", "olmo", "",
                            "deepseek-v4-pro", "gpt-"})
    EXPECT_TRUE(TakesSampling(model)) << model;
}

TEST(ModelFamilies, KnowWhichRefusePenalties) {
  EXPECT_FALSE(TakesPenalties("grok-4.6"));
  EXPECT_FALSE(TakesPenalties("x-ai/grok-4"));
  EXPECT_FALSE(TakesPenalties("gpt-5.5"));
  EXPECT_TRUE(TakesPenalties("grok-4-fast-non-reasoning"));
  EXPECT_TRUE(TakesPenalties("grok-3"));
  EXPECT_TRUE(TakesPenalties("gpt-4.1"));
  EXPECT_TRUE(TakesSampling("grok-4.6"));
}

TEST(ModelFamilies, KnowWhoReasonsByName) {
  for (const char* model : {"gpt-5.5", "o3-mini", "openai/gpt-6-sol", "grok-4.6"}) EXPECT_TRUE(IsKnownToReason(model));
  for (const char* model : {"gpt-4.1", "grok-4-non-reasoning", "qwen3.5-coder", "gpt-5-chat"}) {
    EXPECT_FALSE(IsKnownToReason(model)) << model;
  }
}

}  // namespace
}  // namespace patchbay::upstream
