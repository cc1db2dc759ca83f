#include "workers/ollama/dialect/generate_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;

Asked Generated(std::string_view body) {
  auto asked = DecodeGenerate(body);
  EXPECT_TRUE(asked.ok()) << (asked.ok() ? "" : asked.error().message);
  return asked.ok() ? std::move(*asked) : Asked();
}

TEST(DecodeGenerate, MakesOneTurnOfThePrompt) {
  const Asked asked = Generated(R"({"model":"m","prompt":"hi","system":"be brief","suffix":"","images":null})");
  EXPECT_EQ(asked.request.instructions(), "be brief");
  ASSERT_EQ(asked.request.items_size(), 1);
  EXPECT_EQ(asked.request.items(0).message().parts(0).text(), "hi");
  EXPECT_TRUE(asked.keeps_context);
  EXPECT_THAT(asked.turns, ElementsAre(Turn{true, "hi"}));
}

TEST(DecodeGenerate, GoesOnFromAContext) {
  const std::string context = EncodeContext({{true, "my name is Bo"}, {false, "hello Bo"}});
  const Asked asked = Generated(R"({"model":"m","prompt":"who am I?","context":)" + context + "}");
  ASSERT_EQ(asked.request.items_size(), 3);
  EXPECT_EQ(asked.request.items(1).message().role(), inference::v1::ROLE_ASSISTANT);
  EXPECT_EQ(asked.request.items(1).message().parts(0).text(), "hello Bo");
  EXPECT_EQ(asked.turns.size(), 3u);
}

TEST(DecodeGenerate, SaysThatItCannotReadTheTokensOfAnother) {
  const Asked asked = Generated(R"({"model":"m","prompt":"hi","context":[1,2,3]})");
  EXPECT_THAT(asked.ignored, ElementsAre("context"));
  EXPECT_EQ(asked.request.items_size(), 1);
}

TEST(DecodeGenerate, OnlyLoadsWithoutAPrompt) {
  EXPECT_TRUE(Generated(R"({"model":"m"})").load_only);
  EXPECT_TRUE(Generated(R"({"model":"m","prompt":"","keep_alive":"10m"})").load_only);
  EXPECT_FALSE(Generated(R"({"model":"m","prompt":"","images":["iVBORw0KGgo="]})").load_only);
}

TEST(DecodeGenerate, KeepsNoContextOfRawPrompts) {
  EXPECT_FALSE(Generated(R"({"model":"m","prompt":"x","raw":true})").keeps_context);
  EXPECT_EQ(DecodeGenerate(R"({"model":"m","prompt":"x","raw":true,"system":"s"})").error().message,
            "raw mode does not support template, system, or context");
}

TEST(DecodeGenerate, RefusesToInsertInOllamasWords) {
  EXPECT_EQ(DecodeGenerate(R"({"model":"m","prompt":"x","suffix":"y"})").error().message,
            "registry.ollama.ai/library/m:latest does not support insert");
}

}  // namespace
}  // namespace patchbay::ollama
