#include "workers/ollama/dialect/model_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;

TEST(TaggedName, GivesATagToNamesWithoutOne) {
  EXPECT_EQ(TaggedName("gpt-5.5"), "gpt-5.5:latest");
  EXPECT_EQ(TaggedName("qwen:7b"), "qwen:7b");
  EXPECT_EQ(TaggedName("host:80/m"), "host:80/m:latest");
}

TEST(NamesFor, TriesBothForms) {
  EXPECT_THAT(NamesFor("m"), ElementsAre("m", "m:latest"));
  EXPECT_THAT(NamesFor("m:latest"), ElementsAre("m", "m:latest"));
  EXPECT_THAT(NamesFor("qwen:7b"), ElementsAre("qwen:7b"));
}

TEST(FindModel, FindsByEitherName) {
  gateway::v1::ListModelsReply models;
  models.add_models()->set_id("a");
  models.add_models()->set_id("b:latest");
  for (const char* name : {"a", "a:latest", "b", "b:latest"}) EXPECT_NE(FindModel(models, name), nullptr) << name;
  for (const char* name : {"", "c", "a:7b"}) EXPECT_EQ(FindModel(models, name), nullptr) << name;
}

TEST(DigestOf, IsTheSameWithAndWithoutTheTag) {
  EXPECT_EQ(DigestOf("a"), DigestOf("a:latest"));
  EXPECT_NE(DigestOf("a"), DigestOf("b"));
  EXPECT_EQ(DigestOf("a").size(), 64u);
}

TEST(FamilyOf, IsTheBeginningOfTheName) {
  EXPECT_EQ(FamilyOf("gpt-5.5"), "gpt");
  EXPECT_EQ(FamilyOf("openai/gpt-5"), "gpt");
  EXPECT_EQ(FamilyOf("-x"), "model");
}

TEST(FullName, IsWrittenOutAsTheRealServerDoes) {
  EXPECT_EQ(FullName("gpt-5.5"), "registry.ollama.ai/library/gpt-5.5:latest");
  EXPECT_EQ(FullName("openai/gpt-5.5:x"), "registry.ollama.ai/openai/gpt-5.5:x");
  EXPECT_EQ(FullName("hf.co/a/b"), "hf.co/a/b:latest");
}

}  // namespace
}  // namespace patchbay::ollama
