#include "workers/ollama/dialect/model_list.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;

gateway::v1::ListModelsReply Models(const std::string& text) {
  gateway::v1::ListModelsReply reply;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &reply));
  return reply;
}

const char* const kTwo = R"pb(
  models {
    id: "gpt-5.5"
    context_window: 272000
    tools: true
    vision: true
    reasoning_efforts: "low"
    created_at { seconds: 1787000000 }
  }
  models { id: "qwen:7b" }
)pb";

TEST(EncodeTags, NamesModelsAsOllamaDoes) {
  const auto parsed = wire::ParseJson(EncodeTags(Models(kTwo), {}));
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

TEST(EncodeTags, IsAnEmptyListWithoutModels) { EXPECT_EQ(EncodeTags({}, {}), R"({"models":[]})"); }

TEST(CapabilitiesOf, AreExact) {
  const auto models = Models(kTwo);
  EXPECT_THAT(CapabilitiesOf(models.models(0), {}), ElementsAre("completion", "tools", "vision", "thinking"));
  EXPECT_THAT(CapabilitiesOf(models.models(0), {.disable_vision = true}),
              ElementsAre("completion", "tools", "thinking"));
  EXPECT_THAT(CapabilitiesOf(models.models(1), {}), ElementsAre("completion"));
  EXPECT_THAT(CapabilitiesOf(Models("models { embeddings: true }").models(0), {}), ElementsAre("embedding"));
}

TEST(EncodeShow, SaysTheContextUnderTheNameOfTheArchitecture) {
  const auto parsed = wire::ParseJson(EncodeShow(Models(kTwo).models(0), {}));
  ASSERT_TRUE(parsed.ok());
  const auto& info = parsed->at("model_info");
  EXPECT_EQ(info.at("general.architecture").as_string(), "gpt");
  EXPECT_EQ(info.at("gpt.context_length").as_int64(), 272000);
  EXPECT_EQ(parsed->at("capabilities").as_array().size(), 4u);
  EXPECT_EQ(parsed->at("modified_at").as_string(), "2026-08-17T20:53:20Z");
}

TEST(EncodeShow, SaysNothingOfAContextThatIsNotKnown) {
  const auto parsed = wire::ParseJson(EncodeShow(Models(kTwo).models(1), {}));
  EXPECT_FALSE(parsed->at("model_info").as_object().contains("qwen.context_length"));
}

TEST(EncodeLoaded, SaysUntilWhen) {
  const auto models = Models(kTwo);
  const auto parsed =
      wire::ParseJson(EncodeLoaded({{&models.models(0), WallTime(std::chrono::milliseconds(1'787'000'000'000))}}));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->at("models").at(0).at("expires_at").as_string(), "2026-08-17T20:53:20Z");
  EXPECT_EQ(parsed->at("models").at(0).at("context_length").as_int64(), 272000);
}

TEST(EncodeVersion, IsAnObject) { EXPECT_EQ(EncodeVersion("1.2"), R"({"version":"1.2"})"); }

}  // namespace
}  // namespace patchbay::ollama
