#include "workers/upstream/dialects/openai_responses/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/upstream/dialects/openai_responses/golden.h"

namespace patchbay::upstream::openai_responses {
namespace {

namespace inf = inference::v1;
using testing::HasSubstr;

const WallTime kAnswered{std::chrono::seconds(1787390000)};

struct Decoded {
  v1::Events events;
  ResponseSummary summary;
  std::string error;
};

Decoded DecodeResponses(std::string_view body, std::size_t step = 0) {
  const auto dialect = MakeDialect({});
  const auto decoder = dialect->NewDecoder(kAnswered);
  Decoded decoded;
  while (!body.empty() && decoded.error.empty()) {
    const std::string_view piece = body.substr(0, step == 0 ? body.size() : step);
    body.remove_prefix(piece.size());
    const Result<void> fed = decoder->Feed(piece, *decoded.events.mutable_events());
    if (!fed.ok()) decoded.error = fed.error().message;
  }
  decoded.summary = decoder->summary();
  return decoded;
}

class GoldenResponses : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return ResponsesGoldens() / GetParam(); }
  std::string Body() const { return ReadAll(folder() / "stream.sse"); }
};

TEST_P(GoldenResponses, DecodesToItsCanonicalEvents) {
  const Decoded decoded = DecodeResponses(Body());
  EXPECT_EQ(decoded.error, "");
  EXPECT_TRUE(decoded.summary.ended);
  ExpectGolden(folder() / "events.txtpb", ToText(decoded.events));
}

TEST_P(GoldenResponses, GivesTheSameEventsForAnySplit) {
  const std::string whole = DecodeResponses(Body()).events.SerializeAsString();
  for (const std::size_t step : {1, 2, 7, 64, 1000}) {
    EXPECT_EQ(DecodeResponses(Body(), step).events.SerializeAsString(), whole) << "in pieces of " << step;
  }
}

// Whoever only watches the stream knows the same of it.
TEST_P(GoldenResponses, TellsTheObserverWhatItTellsTheDecoder) {
  const std::string body = Body();
  if (!body.starts_with("event: ")) GTEST_SKIP() << "documents are asked for by nobody whose bytes pass";
  const auto observer = MakeDialect({})->NewObserver(kAnswered);
  for (std::size_t at = 0; at < body.size(); at += 100) {
    ASSERT_TRUE(observer->Feed(std::string_view(body).substr(at, 100)).ok());
  }
  const ResponseSummary told = DecodeResponses(body).summary;
  EXPECT_EQ(observer->summary().response_id, told.response_id);
  EXPECT_EQ(observer->summary().model, told.model);
  EXPECT_EQ(observer->summary().usage.SerializeAsString(), told.usage.SerializeAsString());
  EXPECT_EQ(observer->summary().finish_reason, told.finish_reason);
  EXPECT_EQ(observer->summary().failure.SerializeAsString(), told.failure.SerializeAsString());
  EXPECT_EQ(observer->summary().ended, told.ended);
}

INSTANTIATE_TEST_SUITE_P(Responses, GoldenResponses, testing::ValuesIn(CasesIn(ResponsesGoldens(), "stream.sse")),
                         [](const auto& info) { return info.param; });

TEST(ResponsesDialect, ReadsHowLikelyTheTokensOfATextWere) {
  const Decoded decoded = DecodeResponses(
      "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n"
      "data: "
      "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"msg_1\"}}"
      "\n\n"
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hi\","
      "\"logprobs\":[{\"token\":\"Hi\",\"logprob\":-0.25,\"top_logprobs\":[]}]}\n\n");
  EXPECT_EQ(decoded.error, "");
  const inf::GenerateEvent& last = decoded.events.events(decoded.events.events_size() - 1);
  ASSERT_EQ(last.text_delta().logprobs_size(), 1);
  EXPECT_EQ(last.text_delta().logprobs(0).token(), "Hi");
  EXPECT_EQ(last.text_delta().logprobs(0).logprob(), -0.25);
}

TEST(ResponsesDialect, ReadsADocumentAsTheStreamOfTheSameAnswer) {
  const Decoded stream = DecodeResponses(ReadAll(ResponsesGoldens() / "reasoning_and_call" / "stream.sse"));
  const Decoded document = DecodeResponses(ReadAll(ResponsesGoldens() / "document" / "stream.sse"));
  const auto done = [](const Decoded& decoded) {
    std::string items;
    for (const inf::GenerateEvent& event : decoded.events.events())
      items += event.item_done().item().ShortDebugString();
    return items;
  };
  EXPECT_THAT(done(document), testing::StartsWith(done(stream)));
  EXPECT_EQ(document.summary.usage.SerializeAsString(), stream.summary.usage.SerializeAsString());
  EXPECT_EQ(document.summary.finish_reason, inf::FINISH_REASON_TOOL_CALLS);
}

TEST(ResponsesDialect, TakesNoDocumentForAnAnswerThatIsNone) {
  EXPECT_THAT(DecodeResponses(R"({"object":"chat.completion","choices":[]})").error, HasSubstr("no Response"));
  EXPECT_THAT(DecodeResponses(R"({"object":"response","status":"queued"})").error, HasSubstr("has not ended"));
  EXPECT_THAT(DecodeResponses("{}x").error, HasSubstr("no Response"));
}

TEST(ResponsesDialect, PassesBytesOfItsOwnClientsAlone) {
  const auto dialect = MakeDialect({});
  const RawRoute* route = dialect->FindRawRoute("openai_responses");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->path, "/responses");
  EXPECT_EQ(route->answer, RawRoute::Answer::kEvents);
  EXPECT_EQ(dialect->FindRawRoute("openai_search"), nullptr);
  EXPECT_EQ(dialect->FindRawRoute("openai_chat"), nullptr);
}

TEST(ResponsesDialect, ShowsWhatIsTheClientsBusiness) {
  const auto dialect = MakeDialect({});
  for (const char* name : {"x-request-id", "openai-processing-ms", "x-ratelimit-remaining-tokens", "retry-after"}) {
    EXPECT_TRUE(dialect->IsVisibleHeader(name)) << name;
  }
  for (const char* name : {"set-cookie", "cf-ray", "x-codex-primary-used-percent", "server"}) {
    EXPECT_FALSE(dialect->IsVisibleHeader(name)) << name;
  }
  inf::RateLimits limits;
  EXPECT_TRUE(dialect->DecodeRateLimits({{"x-ratelimit-limit-tokens", "100"}, {"x-ratelimit-remaining-tokens", "25"}},
                                        kAnswered, limits));
  EXPECT_EQ(limits.windows(0).used_percent(), 75);
}

}  // namespace
}  // namespace patchbay::upstream::openai_responses
