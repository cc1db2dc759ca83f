#include "workers/ollama/dialect/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lib/wire/boost_json.h"

namespace patchbay::ollama {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Asked options_asked;

Result<void> ReadThem(const std::string& options) {
  options_asked = Asked();
  const auto body = wire::ParseJson(R"({"options":)" + options + "}");
  EXPECT_TRUE(body.ok());
  return ReadOptions(body->as_object(), options_asked);
}

TEST(ReadOptions, MapsWhatProvidersKnow) {
  ASSERT_TRUE(
      ReadThem(R"({"temperature":0.5,"top_k":40,"num_predict":128.0,"seed":7,"stop":["a","b"],"repeat_penalty":1.1,
      "top_p":null})")
          .ok());
  const auto& sampling = options_asked.request.sampling();
  EXPECT_EQ(sampling.temperature(), 0.5);
  EXPECT_EQ(sampling.top_k(), 40);
  EXPECT_EQ(sampling.max_output_tokens(), 128);
  EXPECT_EQ(sampling.seed(), 7);
  EXPECT_EQ(sampling.repetition_penalty(), 1.1);
  EXPECT_FALSE(sampling.has_top_p());
  EXPECT_THAT(sampling.stop(), ElementsAre("a", "b"));
  EXPECT_THAT(options_asked.ignored, IsEmpty());
}

TEST(ReadOptions, TakesNegativeLimitsAsNone) {
  ASSERT_TRUE(ReadThem(R"({"num_predict":-1,"seed":-1,"top_k":0})").ok());
  EXPECT_FALSE(options_asked.request.sampling().has_max_output_tokens());
  EXPECT_FALSE(options_asked.request.sampling().has_seed());
  EXPECT_FALSE(options_asked.request.sampling().has_top_k());
}

TEST(ReadOptions, MovesNumbersIntoTheRangeOfProviders) {
  ASSERT_TRUE(ReadThem(R"({"temperature":9,"top_p":1})").ok());
  EXPECT_EQ(options_asked.request.sampling().temperature(), 2);
  EXPECT_THAT(options_asked.repaired, ElementsAre("options.temperature"));
}

TEST(ReadOptions, NamesTheOthers) {
  ASSERT_TRUE(ReadThem(R"({"num_ctx":1,"mirostat":2})").ok());
  EXPECT_THAT(options_asked.ignored, ElementsAre("options.num_ctx", "options.mirostat"));
}

TEST(ReadOptions, RefusesOtherTypesInOllamasWords) {
  EXPECT_EQ(ReadThem(R"({"temperature":"hot"})").error().message, R"(option "temperature" must be of type float32)");
  EXPECT_EQ(ReadThem(R"({"seed":"x"})").error().message, R"(option "seed" must be of type integer)");
  EXPECT_EQ(ReadThem(R"({"stop":[1]})").error().message, R"(option "stop" must be of type array of strings)");
  EXPECT_EQ(ReadThem("[]").error().message, "options: expected an object");
}

TEST(ReadOptions, MapsThoseThatTheReadmeNames) {
  std::ifstream file("workers/ollama/dialect/README.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const std::string_view name : MappedOptions()) {
    EXPECT_NE(text.str().find("`" + std::string(name) + "`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace patchbay::ollama
