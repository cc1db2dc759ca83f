#include "workers/upstream/dialects/codex/request_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "tests/unit/workers/upstream/dialects/codex/golden.h"
#include "workers/upstream/dialects/codex/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

boost::json::value Encoded(const std::string& text, std::string_view session = "") {
  Result<EncodedRequest> encoded = EncodeRequest(FromText<inf::GenerateRequest>(text), session);
  EXPECT_TRUE(encoded.ok()) << encoded.error().message;
  return encoded.ok() ? wire::ParseJson(encoded->body).value() : boost::json::value();
}

std::string Member(const boost::json::value& body, std::string_view key) {
  const boost::json::value* member = wire::FindMember(body, key);
  return member == nullptr ? "(absent)" : boost::json::serialize(*member);
}

class GoldenRequest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenRequest, EncodesToItsBody) {
  const auto folder = GoldenRoot() / GetParam();
  const auto request = FromText<inf::GenerateRequest>(ReadAll(folder / "request.txtpb"));
  const Result<EncodedRequest> encoded = EncodeRequest(request, "0198c0de-0000-7000-8000-000000000001");
  ASSERT_TRUE(encoded.ok()) << encoded.error().message;
  ASSERT_TRUE(wire::ParseJson(encoded->body).ok()) << encoded->body;
  ExpectGolden(folder / "body.json", encoded->body + "\n");
}

INSTANTIATE_TEST_SUITE_P(Codex, GoldenRequest, ::testing::ValuesIn(CasesWith("request.txtpb")),
                         [](const auto& info) { return info.param; });

TEST(CodexRequestEncoder, AlwaysSaysWhatTheBackendInsistsOn) {
  const auto body = Encoded(R"pb(model: "gpt-5.5")pb");
  EXPECT_EQ(Member(body, "store"), "false");
  EXPECT_EQ(Member(body, "stream"), "true");
  EXPECT_EQ(Member(body, "include"), R"(["reasoning.encrypted_content"])");
  EXPECT_EQ(Member(body, "instructions"), R"("You are a helpful assistant.")");
  EXPECT_EQ(Member(body, "input"), "[]");
  EXPECT_EQ(Member(body, "tools"), "[]");
  EXPECT_EQ(Member(body, "tool_choice"), R"("auto")");
  EXPECT_EQ(Member(body, "reasoning"), "{}");
  EXPECT_EQ(Member(body, "prompt_cache_key"), "(absent)");
  EXPECT_EQ(Member(body, "text"), "(absent)");
}

TEST(CodexRequestEncoder, LeavesOutAndNamesWhatTheBackendRefuses) {
  auto request = FromText<inf::GenerateRequest>(R"pb(
    sampling {
      temperature: 0.5
      top_p: 1
      max_output_tokens: 5
      seed: 1
      presence_penalty: 0
      frequency_penalty: 0
      top_k: 1
      min_p: 0
      repetition_penalty: 1
      logit_bias { key: "1" value: 2 }
      logprobs: 0
      n: 2
    }
    tier: TIER_SCALE
    user_id: "u"
    safety_identifier: "s"
    metadata { key: "a" value: "b" }
    opaque { dialect: "openai_responses" type: "truncation" json: "\"auto\"" }
    items { opaque { dialect: "anthropic" type: "redacted_thinking" json: "{}" } }
  )pb");
  const auto encoded = EncodeCall(CodexDialect(), request, "");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->ignored,
              UnorderedElementsAre("temperature", "top_p", "max_output_tokens", "seed", "presence_penalty",
                                   "frequency_penalty", "top_k", "min_p", "repetition_penalty", "logit_bias",
                                   "logprobs", "n", "user_id", "safety_identifier", "metadata", "service_tier",
                                   "truncation", "anthropic.redacted_thinking"));
  const auto body = wire::ParseJson(encoded->body).value();
  for (const char* key : {"temperature", "top_p", "max_output_tokens", "seed", "service_tier", "truncation"}) {
    EXPECT_EQ(Member(body, key), "(absent)") << key;
  }
}

TEST(CodexRequestEncoder, GivesEveryFunctionAnObjectSchemaWithProperties) {
  const auto body = Encoded(R"pb(
    tools { function { name: "none" } }
    tools { function { name: "bare" parameters_json: "{\"type\":\"object\"}" strict: true } }
    tools { function { name: "untyped" parameters_json: " {\"properties\":{\"a\":{}}} " } }
    tools { function { name: "empty" parameters_json: "{}" } }
  )pb");
  std::vector<std::string> schemas;
  for (const auto& tool : body.at("tools").as_array()) schemas.push_back(boost::json::serialize(tool.at("parameters")));
  EXPECT_THAT(schemas,
              ElementsAre(R"({"type":"object","properties":{}})", R"({"properties":{},"type":"object"})",
                          R"({"type":"object","properties":{"a":{}}})", R"({"type":"object","properties":{}})"));
  EXPECT_EQ(body.at("tools").at(0).at("strict").as_bool(), false);
  EXPECT_EQ(body.at("tools").at(1).at("strict").as_bool(), true);
}

TEST(CodexRequestEncoder, RefusesClientJsonThatIsNoObject) {
  for (const char* json : {"", "nonsense", "[]", "{\"a\":}", "{} {}", "\"text\"", "{\"a\":1"}) {
    inf::GenerateRequest request;
    inf::Opaque& opaque = *request.add_items()->mutable_opaque();
    opaque.set_dialect("openai_responses");
    opaque.set_json(json);
    const auto encoded = EncodeRequest(request, "");
    ASSERT_FALSE(encoded.ok()) << json;
    EXPECT_EQ(encoded.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(encoded.error().origin, Origin::kClient);
    EXPECT_EQ(encoded.error().where, "input");
  }
  const auto encoded = EncodeRequest(
      FromText<inf::GenerateRequest>(R"pb(tools { function { name: "f" parameters_json: "true" } })pb"), "");
  ASSERT_FALSE(encoded.ok());
  EXPECT_EQ(encoded.error().where, "tools.f.parameters");
}

TEST(CodexRequestEncoder, SaysEachToolChoiceInItsForm) {
  const auto choice = [](const std::string& text) {
    return Member(Encoded("tool_choice {" + text + "}"), "tool_choice");
  };
  EXPECT_EQ(choice("mode: MODE_AUTO"), R"("auto")");
  EXPECT_EQ(choice("mode: MODE_NONE"), R"("none")");
  EXPECT_EQ(choice("mode: MODE_REQUIRED"), R"("required")");
  EXPECT_EQ(choice("mode: MODE_ONE tool { kind: TOOL_KIND_FUNCTION name: 'f' }"), R"({"type":"function","name":"f"})");
  EXPECT_EQ(choice("mode: MODE_ONE tool { kind: TOOL_KIND_CUSTOM name: 'c' }"), R"({"type":"custom","name":"c"})");
  EXPECT_EQ(choice("mode: MODE_ALLOWED required: true allowed { name: 'f' }"),
            R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})");
}

TEST(CodexRequestEncoder, DropsReasoningThatCannotBeReplayedAndThenAllIds) {
  const auto with = Encoded(R"pb(
    items {
      id: "rs_1"
      reasoning { summary: "s" encrypted_content: "gAAA" }
    }
    items {
      id: "msg_1"
      message {
        role: ROLE_ASSISTANT
        parts { text: "a" }
      }
    }
    items {
      id: "client-id"
      message {
        role: ROLE_USER
        parts { text: "b" }
      }
    }
  )pb");
  EXPECT_EQ(with.at("input").at(0).at("id").as_string(), "rs_1");
  EXPECT_EQ(with.at("input").at(1).at("id").as_string(), "msg_1");
  EXPECT_EQ(Member(with.at("input").at(2), "id"), "(absent)");

  const auto without = Encoded(R"pb(
    items {
      id: "rs_1"
      reasoning { summary: "s" text: "raw" }
    }
    items {
      id: "msg_1"
      message {
        role: ROLE_ASSISTANT
        parts { text: "a" }
      }
    }
  )pb");
  ASSERT_EQ(without.at("input").as_array().size(), 1u);
  EXPECT_EQ(Member(without.at("input").at(0), "id"), "(absent)");
}

TEST(CodexRequestEncoder, PrefersTheClientsCacheKeyOverTheSession) {
  EXPECT_EQ(Member(Encoded("", "session"), "prompt_cache_key"), R"("session")");
  EXPECT_EQ(Member(Encoded("cache { prompt_cache_key: 'mine' }", "session"), "prompt_cache_key"), R"("mine")");
}

}  // namespace
}  // namespace patchbay::upstream::codex
