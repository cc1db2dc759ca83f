#include "workers/frontend/dialects/common/request/shared_fields.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

std::string WhyNot(const char* stop, const StopRules& rules) {
  const boost::json::value body{{"stop", *wire::ParseJson(stop)}};
  const JsonNode root(body);
  inference::v1::GenerateRequest request;
  const auto read = ReadStops(*root.Find("stop"), rules, request);
  return read.ok() ? std::to_string(request.sampling().stop_size()) + " read"
                   : read.error().where + ": " + read.error().message;
}

TEST(Stops, AreTakenAsTheirProtocolHasThem) {
  const StopRules openai{.count_max = 2, .bytes_max = 4, .one_string = true, .may_be_empty = true};
  EXPECT_EQ(WhyNot(R"("END")", openai), "1 read");
  EXPECT_EQ(WhyNot(R"(["a",""])", openai), "1 read") << "an empty one stops nothing";
  EXPECT_EQ(WhyNot(R"(["a","b","c"])", openai), "/stop: at most 2 stop sequences");
  EXPECT_EQ(WhyNot(R"(["a","12345"])", openai), "/stop/1: expected at most 4 bytes");
  EXPECT_EQ(WhyNot("5", openai), "/stop: expected an array, found a number");
  const StopRules other{.count_max = 2, .bytes_max = 4};
  EXPECT_EQ(WhyNot(R"("END")", other), "/stop: expected an array, found a string");
  EXPECT_EQ(WhyNot(R"(["a",""])", other), "/stop/1: expected 1 to 4 bytes");
}

TEST(Knobs, AreSetWithinTheirRange) {
  const boost::json::value body{{"a", 0.5}, {"b", -2}, {"c", 2.5}, {"d", "x"}};
  inference::v1::GenerateRequest request;
  const JsonNode root(body);
  EXPECT_TRUE(ReadKnob(*root.Find("a"), kTopP, request).ok());
  EXPECT_EQ(request.sampling().top_p(), 0.5);
  EXPECT_TRUE(ReadKnob(*root.Find("b"), kPresencePenalty, request).ok());
  EXPECT_EQ(request.sampling().presence_penalty(), -2);
  EXPECT_EQ(ReadKnob(*root.Find("c"), kTemperature, request).error().message, "expected a number from 0 to 2");
  EXPECT_FALSE(request.sampling().has_temperature());
  EXPECT_FALSE(ReadKnob(*root.Find("d"), kFrequencyPenalty, request).ok());
}

TEST(ModelName, IsNotEmpty) {
  const boost::json::value body{{"model", "m"}, {"empty", ""}};
  const JsonNode root(body);
  EXPECT_EQ(*ReadModelName(*root.Find("model")), "m");
  EXPECT_EQ(ReadModelName(*root.Find("empty")).error().where, "/empty");
}

}  // namespace
}  // namespace patchbay::frontend
