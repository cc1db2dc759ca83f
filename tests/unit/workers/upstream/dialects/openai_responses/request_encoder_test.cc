#include "workers/upstream/dialects/openai_responses/request_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/chat/models.h"
#include "tests/sim/validate.h"
#include "tests/unit/workers/upstream/dialects/openai_responses/golden.h"
#include "workers/upstream/dialects/openai_responses/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay::upstream::openai_responses {
namespace {

namespace inf = inference::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Made to fit, and encoded, as a call is.
EncodedCall EncodeResponses(const std::string& text, const std::string& quirks = "") {
  auto request = FromText<inf::GenerateRequest>(text);
  Result<EncodedCall> encoded = EncodeCall(*MakeDialect(HostOf(quirks)), request, "session-1");
  EXPECT_TRUE(encoded.ok()) << encoded.error().message;
  return encoded.ok() ? std::move(encoded).value() : EncodedCall();
}

class GoldenResponsesRequest : public testing::TestWithParam<std::string> {
 protected:
  EncodedCall Encode() const {
    const auto folder = ResponsesGoldens() / GetParam();
    return EncodeResponses(ReadAll(folder / "request.txtpb"), ReadAll(folder / "quirks.txt"));
  }
};

// The body, and below it what was left out and what was changed.
TEST_P(GoldenResponsesRequest, EncodesToItsBody) {
  const EncodedCall encoded = Encode();
  std::string golden = encoded.body + "\n";
  for (const std::string& name : encoded.ignored) golden += "ignored: " + name + "\n";
  for (const std::string& what : encoded.repaired) golden += "repaired: " + what + "\n";
  ExpectGolden(ResponsesGoldens() / GetParam() / "body.json", golden);
}

// The sentence that this dialect exists for.
TEST_P(GoldenResponsesRequest, IsTakenByItsHost) {
  const EncodedCall encoded = Encode();
  const boost::json::value body = boost::json::parse(encoded.body);
  const std::string model(body.at("model").as_string());
  const sim::Caller caller{"account-1", false, {}, sim::FindApiModel(model)};
  ASSERT_NE(caller.model, nullptr) << model;
  const auto refusal = sim::ValidateResponses(body.as_object(), caller);
  EXPECT_FALSE(refusal) << refusal->body << "\n" << encoded.body;
}

INSTANTIATE_TEST_SUITE_P(Responses, GoldenResponsesRequest,
                         testing::ValuesIn(CasesIn(ResponsesGoldens(), "request.txtpb")),
                         [](const auto& info) { return info.param; });

TEST(ResponsesRequestEncoder, KeepsWhatAKeyPaysFor) {
  const EncodedCall encoded = EncodeResponses(R"pb(model: "gpt-4.1"
                                                   sampling { temperature: 0.5 max_output_tokens: 3 })pb");
  EXPECT_THAT(encoded.body, HasSubstr(R"("temperature":0.5)"));
  EXPECT_THAT(encoded.body, HasSubstr(R"("max_output_tokens":16)"));
  EXPECT_THAT(encoded.repaired, ElementsAre("max_output_tokens:16"));
  EXPECT_THAT(encoded.body, Not(HasSubstr("reasoning")));
  EXPECT_THAT(encoded.ignored, IsEmpty());
}

TEST(ResponsesRequestEncoder, SaysWhatAModelThatReasonsRefuses) {
  const EncodedCall encoded = EncodeResponses(R"pb(model: "gpt-5.5"
                                                   sampling { temperature: 0.5 top_p: 1 logprobs: 0 })pb");
  EXPECT_THAT(encoded.ignored, ElementsAre("temperature", "top_p", "logprobs"));
  EXPECT_THAT(encoded.body, Not(HasSubstr("temperature")));
  EXPECT_THAT(encoded.body, HasSubstr(R"("include":["reasoning.encrypted_content"])"));
}

TEST(ResponsesRequestEncoder, NamesEachWishThatTheApiHasNoPlaceFor) {
  EXPECT_THAT(EncodeResponses(R"pb(model: "gpt-4.1"
                                   sampling {
                                     seed: 7
                                     presence_penalty: 0.1
                                     frequency_penalty: 0.2
                                     top_k: 3
                                     min_p: 0.05
                                     repetition_penalty: 1.1
                                     logit_bias { key: "9" value: -1 }
                                     n: 2
                                   })pb")
                  .ignored,
              testing::UnorderedElementsAre("seed", "presence_penalty", "frequency_penalty", "top_k", "min_p",
                                            "repetition_penalty", "logit_bias", "n"));
}

TEST(ResponsesRequestEncoder, LooksForStopSequencesItself) {
  const EncodedCall encoded = EncodeResponses(R"pb(model: "gpt-4.1"
                                                   sampling { stop: "END" })pb");
  EXPECT_THAT(encoded.body, Not(HasSubstr("END")));
  ASSERT_NE(encoded.plan, nullptr);
  EXPECT_THAT(encoded.plan->stops, ElementsAre("END"));
  EXPECT_THAT(encoded.ignored, IsEmpty());
}

TEST(ResponsesRequestEncoder, PassesOnMembersOfItsOwnProtocolThatAnyRequestMayHave) {
  const EncodedCall encoded = EncodeResponses(R"pb(
    model: "gpt-4.1"
    opaque { dialect: "openai_responses" type: "truncation" json: "\"auto\"" }
    opaque { dialect: "openai_responses" type: "max_tool_calls" json: "3" }
    opaque { dialect: "openai_responses" type: "client_metadata" json: "{}" }
    opaque { dialect: "openai_chat" type: "prediction" json: "{}" }
  )pb");
  EXPECT_THAT(encoded.body, HasSubstr(R"("truncation":"auto","max_tool_calls":3)"));
  EXPECT_THAT(encoded.ignored, ElementsAre("client_metadata", "prediction"));
}

TEST(ResponsesRequestEncoder, NamesThePieceThatIsNoJson) {
  auto request =
      FromText<inf::GenerateRequest>(R"pb(opaque { dialect: "openai_responses" type: "truncation" json: "\"auto" })pb");
  const auto encoded = EncodeRequest(request, {}, "");
  ASSERT_FALSE(encoded.ok());
  EXPECT_EQ(encoded.error().where, "truncation");
  EXPECT_EQ(encoded.error().origin, Origin::kClient);
}

}  // namespace
}  // namespace patchbay::upstream::openai_responses
