// One body, and what each provider gets of it.
#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/wire/json.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

namespace patchbay::frontend::openai_responses {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kSdkBody =
    R"({ "model":"gpt-5.5", "input":"caf\u00e9","temperature":0.5,"max_output_tokens":9,"metadata":{"a":"b"},"stream":true})";

GrantTerms To(std::string dialect, std::string model = "gpt-5.5") {
  GrantTerms terms;
  terms.model = std::move(model);
  terms.provider_dialect = std::move(dialect);
  terms.relay = true;
  return terms;
}

std::shared_ptr<const ResponsesBytes> BytesOf(std::string body, const ClientTraits& client = {},
                                              HeaderList headers = {}) {
  auto decoded = DecodeRequest(std::move(body), client);
  EXPECT_TRUE(decoded.ok());
  return std::make_shared<const ResponsesBytes>(std::move(*decoded), std::move(headers));
}

TEST(ResponsesBytes, ReachAPlainProviderByteForByte) {
  const auto bytes = BytesOf(kSdkBody, {}, {{"x-codex-window-id", "w"}});
  const auto relayed = bytes->Relayed(To("openai_responses"));
  ASSERT_TRUE(relayed.ok());
  EXPECT_EQ(*relayed->body, kSdkBody);
  EXPECT_THAT(relayed->ignored, IsEmpty());
  EXPECT_THAT(relayed->headers, IsEmpty()) << "which are the backend's business";
}

TEST(ResponsesBytes, ReachCodexWithoutWhatItRefuses) {
  const auto bytes = BytesOf(kSdkBody, {}, {{"x-codex-window-id", "w"}});
  const auto relayed = bytes->Relayed(To("codex"));
  ASSERT_TRUE(relayed.ok());
  EXPECT_THAT(*relayed->body, Not(HasSubstr("temperature")));
  EXPECT_THAT(*relayed->body, HasSubstr(R"("store":false)"));
  EXPECT_THAT(*relayed->body, HasSubstr("You are a helpful assistant."));
  EXPECT_THAT(relayed->ignored, ElementsAre("temperature", "max_output_tokens"));
  EXPECT_THAT(relayed->headers, ElementsAre(Pair("x-codex-window-id", "w")));
}

TEST(ResponsesBytes, SayWhatTheGrantDecidedAndNothingElse) {
  const auto bytes =
      BytesOf(R"({"model":"gpt-5.5","input":"x","stream":true,"reasoning":{"effort":"max"},"service_tier":"flex"})");
  GrantTerms terms = To("openai_responses", "wire");
  EXPECT_EQ(*bytes->Relayed(terms)->body,
            R"({"model":"wire","input":"x","stream":true,"reasoning":{"effort":"max"},"service_tier":"flex"})");
  EXPECT_EQ(bytes->Relayed(terms)->service_tier, "flex");
  terms.reasoning_effort = "xhigh";
  terms.service_tier = "priority";
  EXPECT_EQ(*bytes->Relayed(terms)->body,
            R"({"model":"wire","input":"x","stream":true,"reasoning":{"effort":"xhigh"},"service_tier":"priority"})");
  EXPECT_EQ(bytes->Relayed(terms)->service_tier, "priority");
  EXPECT_EQ(bytes->Relayed(To("openai_responses"))->body->find("wire"), std::string::npos) << "each time anew";
}

TEST(ResponsesBytes, AskForAStreamInEveryCase) {
  EXPECT_THAT(*BytesOf(R"({"model":"m","input":"x"})")->Relayed(To("openai_responses", "m"))->body,
              HasSubstr(R"("stream":true)"));
}

// What a provider of another dialect thought, it alone may see again.
TEST(ResponsesBytes, KeepReasoningOfOtherProvidersFromThisOne) {
  inference::v1::Item thought;
  thought.mutable_reasoning()->set_text("Hm");
  const std::string body =
      R"({"model":"m","stream":true,"input":[{"type":"reasoning","summary":[],"encrypted_content":")" +
      WrapReasoning({thought}) + R"("},{"type":"reasoning","summary":[],"encrypted_content":"gAAAA"}]})";
  const auto relayed = BytesOf(body, {.native = true})->Relayed(To("codex", "m"));
  ASSERT_TRUE(relayed.ok());
  EXPECT_THAT(*relayed->body, Not(HasSubstr(std::string(kEnvelopeHead))));
  EXPECT_THAT(*relayed->body, HasSubstr("gAAAA"));
  EXPECT_THAT(relayed->repaired, ElementsAre("reasoning_of_another_provider"));
}

TEST(ResponsesBytes, LeaveSealedReasoningOutWhereTheGrantSaysSo) {
  GrantTerms terms = To("codex", "m");
  terms.without_sealed_reasoning = true;
  const auto relayed =
      BytesOf(R"({"model":"m","stream":true,"input":[{"type":"reasoning","summary":[],"encrypted_content":"gAAAA"}]})",
              {.native = true})
          ->Relayed(terms);
  EXPECT_THAT(*relayed->body, HasSubstr(R"("input":[])"));
  EXPECT_THAT(relayed->repaired, ElementsAre("sealed_reasoning"));
}

TEST(ResponsesBytes, AreTranslatedFromWhatTheClientSaid) {
  const auto translated = BytesOf(kSdkBody)->Translated();
  ASSERT_TRUE(translated.ok());
  EXPECT_EQ(translated->request.sampling().temperature(), 0.5);
  EXPECT_EQ(translated->request.instructions(), "") << "nobody asked for any";
  EXPECT_EQ(translated->request.items(0).message().parts(0).text(), "caf\u00e9");
}

TEST(ResponsesBytes, NeedARelayWhereTheyAskForACompaction) {
  for (const auto& [body, needed] :
       {std::pair(R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"compaction_trigger"}]})", true),
        std::pair(R"({"model":"m","input":"x"})", false)}) {
    Call call;
    TakeCall(BytesOf(body, {.native = true}), call);
    EXPECT_EQ(call.payload.needs_relay, needed) << body;
  }
}

TEST(ResponsesBytes, TellBackOnlyWhatThatProviderCannotKnow) {
  const auto bytes = BytesOf(kSdkBody);
  CallRoute route;
  route.relay = true;
  route.provider_dialect = "codex";
  EXPECT_THAT(bytes->AdditionsFor(route, nullptr).echoes,
              ElementsAre(Pair("metadata", R"({"a":"b"})"), Pair("instructions", "null")));
  route.provider_dialect = "openai_responses";
  EXPECT_THAT(bytes->AdditionsFor(route, nullptr).echoes, IsEmpty());
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
