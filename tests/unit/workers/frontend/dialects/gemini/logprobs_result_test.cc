#include "workers/frontend/dialects/gemini/logprobs_result.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend::gemini {
namespace {

std::string ResultOf(const std::string& text) {
  inference::v1::TextDelta delta;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &delta)) << text;
  std::string json;
  AppendLogprobsResult(delta.logprobs(), json);
  return json;
}

TEST(GeminiLogprobsResult, IsNotThereWithoutTokens) { EXPECT_EQ(ResultOf(R"pb(text: "Hi")pb"), ""); }

TEST(GeminiLogprobsResult, HasAsManyStepsOfOthersAsOfChosenTokens) {
  EXPECT_EQ(ResultOf(R"pb(logprobs {
                            token: "Hi"
                            logprob: -0.5
                            top { token: "Hi" logprob: -0.5 }
                            top { token: "Ho" logprob: -1.25 }
                          }
                          logprobs { token: "\"" logprob: 0 })pb"),
            R"(,"logprobsResult":{"topCandidates":[{"candidates":[{"token":"Hi","logProbability":-0.5},)"
            R"({"token":"Ho","logProbability":-1.25}]},{"candidates":[]}],)"
            R"("chosenCandidates":[{"token":"Hi","logProbability":-0.5},{"token":"\"","logProbability":0}]})");
}

}  // namespace
}  // namespace patchbay::frontend::gemini
