#include "workers/frontend/dialects/openai_responses/answers.h"

#include <gmock/gmock.h>

namespace patchbay::frontend::openai_responses {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kEvents =
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_9\"}}\n\n"
    "event: response.brand_new\ndata: {\"type\":\"response.brand_new\"}\n\n"
    "event: response.completed\n"
    "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_9\",\"output\":[]}}\n\n";

Answers To(const char* body, const ClientTraits& client = {}) {
  auto decoded = DecodeRequest(body, client);
  EXPECT_TRUE(decoded.ok());
  return {std::make_shared<const ResponsesBytes>(std::move(*decoded), HeaderList()), nullptr, "u", 7};
}

CallRoute RelayFrom(const char* provider_dialect) {
  CallRoute route;
  route.relay = true;
  route.provider_dialect = provider_dialect;
  return route;
}

std::string Relayed(const Answers& answers, const char* provider_dialect) {
  const auto encoder = answers.Relayed(RelayFrom(provider_dialect));
  std::string out;
  EXPECT_TRUE(encoder->Bytes(kEvents, out).ok());
  EXPECT_TRUE(encoder->End(out).ok());
  return out;
}

constexpr const char* kStreamed = R"({"model":"m","input":"x","stream":true})";
constexpr const char* kWhole = R"({"model":"m","input":"x"})";

TEST(ResponsesAnswers, PassTheWholeStreamOfAProviderThatHasOnlyThisApi) {
  EXPECT_THAT(Relayed(To(kStreamed), "openai_responses"), HasSubstr("response.brand_new"));
}

TEST(ResponsesAnswers, KeepABackendsPrivateEventsForItsOwnClient) {
  EXPECT_THAT(Relayed(To(kStreamed), "codex"), Not(HasSubstr("response.brand_new")));
  EXPECT_EQ(Relayed(To(kStreamed, {.native = true}), "codex"), kEvents);
}

TEST(ResponsesAnswers, AreCollectedForAClientThatWantsNoStream) {
  EXPECT_THAT(Relayed(To(kWhole), "openai_responses"), StartsWith(R"({"id":"resp_9","output":[])"));
}

TEST(ResponsesAnswers, AreWrittenHereWhenTheyAreTranslated) {
  inference::v1::GenerateEvent started, finished;
  started.mutable_started();
  finished.mutable_finished()->set_reason(inference::v1::FINISH_REASON_STOP);
  for (const char* body : {kStreamed, kWhole}) {
    const auto encoder = To(body).Translated();
    std::string out;
    ASSERT_TRUE(encoder->Event(started, out).ok());
    ASSERT_TRUE(encoder->Event(finished, out).ok());
    ASSERT_TRUE(encoder->End(out).ok());
    EXPECT_THAT(out, HasSubstr(R"("id":"resp_u")")) << body;
    EXPECT_EQ(out.starts_with("event: response.created"), std::string_view(body) == kStreamed) << body;
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
