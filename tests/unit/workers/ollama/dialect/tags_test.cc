#include "workers/ollama/dialect/tags.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::ollama {
namespace {

gateway::v1::ListModelsReply Models(const std::string& text) {
  gateway::v1::ListModelsReply reply;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &reply));
  return reply;
}

TEST(EncodeTags, NamesModelsAsOllamaDoes) {
  const auto parsed = wire::ParseJson(EncodeTags(Models(R"pb(
    models {
      id: "gpt-5.5"
      context_window: 272000
      tools: true
      vision: true
      reasoning_efforts: "low"
      created_at { seconds: 1787000000 }
    }
    models { id: "qwen:7b" })pb")));
  ASSERT_TRUE(parsed.ok());
  const auto& models = parsed->at("models").as_array();
  EXPECT_EQ(models.at(0).at("name").as_string(), "gpt-5.5:latest");
  EXPECT_EQ(models.at(0).at("details").at("family").as_string(), "gpt");
  EXPECT_EQ(models.at(0).at("details").at("context_length").as_int64(), 272000);
  EXPECT_EQ(models.at(0).at("capabilities").as_array().size(), 4u);
  EXPECT_EQ(models.at(0).at("modified_at").as_string(), "2026-08-17T20:53:20Z");
  EXPECT_EQ(models.at(1).at("name").as_string(), "qwen:7b");
  EXPECT_EQ(models.at(1).at("capabilities").as_array().size(), 1u);
}

TEST(EncodeTags, GivesEachModelAStableDigestOf64HexCharacters) {
  const auto models = Models(R"pb(models { id: "a" }
                                  models { id: "b" })pb");
  EXPECT_EQ(EncodeTags(models), EncodeTags(models));
  const auto parsed = wire::ParseJson(EncodeTags(models));
  const auto& list = parsed->at("models").as_array();
  EXPECT_EQ(list.at(0).at("digest").as_string().size(), 64u);
  EXPECT_NE(list.at(0).at("digest").as_string(), list.at(1).at("digest").as_string());
}

TEST(EncodeTags, IsAnEmptyListWithoutModels) { EXPECT_EQ(EncodeTags({}), R"({"models":[]})"); }

TEST(EncodeError, EscapesTheMessage) { EXPECT_EQ(EncodeError("say \"no\""), R"({"error":"say \"no\""})"); }

}  // namespace
}  // namespace patchbay::ollama
