// The stream passed on, and collected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Event(std::string_view type, std::string_view rest) {
  std::string out;
  wire::AppendSseEvent(out, type, R"({"type":")" + std::string(type) + "\"" + std::string(rest) + "}");
  return out;
}

const std::string kCreated = Event(
    "response.created",
    R"(,"sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":5,"status":"in_progress","model":"gpt-5.5","output":[]})");
const std::string kAdded =
    Event("response.output_item.added", R"(,"output_index":0,"item":{"id":"msg_1","type":"message"})");
const std::string kDelta = Event("response.output_text.delta", R"(,"delta":"Hello \u2713")");
const std::string kDone =
    Event("response.output_item.done", R"(,"output_index":0,"item":{"id":"msg_1","type":"message","content":[]})");
const std::string kLimits = Event("codex.rate_limits", R"(,"plan_type":"plus")");
const std::string kCompleted = Event(
    "response.completed", R"(,"response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":1}})");
const std::string kFailed = Event("response.failed", R"(,"response":{"id":"resp_1","status":"failed"})");
const std::string kStream = kCreated + kLimits + kAdded + kDelta + kDone + kCompleted;

std::vector<std::string> Types(const std::string& stream) {
  std::vector<std::string> types;
  wire::SseParser parser;
  EXPECT_TRUE(parser.Feed(stream, [&](const wire::SseEvent& event) { types.emplace_back(event.event); }).ok());
  return types;
}
boost::json::value LastData(const std::string& stream) {
  boost::json::value last;
  wire::SseParser parser;
  EXPECT_TRUE(parser.Feed(stream, [&](const wire::SseEvent& event) { last = *wire::ParseJson(event.data); }).ok());
  return last;
}

struct Relayed {
  std::string out;
  bool output = false;
};
const EventEncoder::Audience kToCodex{.every_byte = true, .public_only = true};
const EventEncoder::Audience kToSdk{.every_byte = false, .public_only = true};

Relayed Relay(EventEncoder& encoder, std::string_view bytes, std::size_t piece) {
  Relayed relayed;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto carried = encoder.Relay(bytes.substr(at, piece), relayed.out);
    EXPECT_TRUE(carried.ok());
    relayed.output = carried.ok() && *carried;
  }
  return relayed;
}

TEST(ResponsesEventEncoder, GivesCodexEveryByteHoweverTheyCame) {
  for (const std::size_t piece : {1u, 7u, 64u, 100'000u}) {
    EventEncoder encoder(kToCodex, "resp_f", "m");
    EXPECT_EQ(Relay(encoder, kStream, piece).out, kStream) << piece;
  }
}

TEST(ResponsesEventEncoder, NeverGivesCodexHalfAnEvent) {
  EventEncoder encoder(kToCodex, "resp_f", "m");
  std::string out;
  ASSERT_TRUE(encoder.Relay(kCreated + kDelta.substr(0, 20), out).ok());
  EXPECT_EQ(out, kCreated);
  ASSERT_TRUE(encoder.Relay(kDelta.substr(20), out).ok());
  EXPECT_EQ(out, kCreated + kDelta);
}

TEST(ResponsesEventEncoder, KeepsCrLfFramingForCodex) {
  const std::string stream = "event: response.created\r\ndata: {\"type\":\"response.created\",\"response\":{}}\r\n\r\n";
  EventEncoder encoder(kToCodex, "resp_f", "m");
  EXPECT_EQ(Relay(encoder, stream, 3).out, stream);
}

TEST(ResponsesEventEncoder, LeavesPrivateEventsOutForOthersAndFillsInTheOutput) {
  for (const std::size_t piece : {1u, 7u, 100'000u}) {
    EventEncoder encoder(kToSdk, "resp_f", "m");
    const std::string out = Relay(encoder, kStream, piece).out;
    EXPECT_THAT(Types(out), ElementsAre("response.created", "response.output_item.added", "response.output_text.delta",
                                        "response.output_item.done", "response.completed"));
    EXPECT_THAT(out, HasSubstr(kCreated));
    EXPECT_THAT(out, HasSubstr(kDelta));
    const auto response = LastData(out).at("response");
    EXPECT_EQ(response.at("output"), *wire::ParseJson(R"([{"id":"msg_1","type":"message","content":[]}])"));
    EXPECT_EQ(response.at("usage").at("input_tokens"), 1);
  }
}

TEST(ResponsesEventEncoder, PassesEveryEventOfAProviderThatHasNoPrivateOnes) {
  EventEncoder encoder({.every_byte = false, .public_only = false}, "resp_f", "m");
  const std::string stream = "event: response.new_kind\ndata: {\"type\":\"response.new_kind\"}\n\ndata: [DONE]\n\n";
  std::string out;
  ASSERT_TRUE(encoder.Relay(stream, out).ok());
  EXPECT_EQ(out, stream.substr(0, stream.find("data: [DONE]"))) << "what is no JSON stops typed readers";
}

TEST(ResponsesEventEncoder, LeavesAnOutputAloneThatTheProviderGave) {
  const std::string completed = Event("response.completed", R"(,"response":{"output":[{"id":"own"}]})");
  EventEncoder encoder(kToSdk, "resp_f", "m");
  EXPECT_EQ(Relay(encoder, kDone + completed, 100'000).out, kDone + completed);
}

TEST(ResponsesEventEncoder, RepeatsForOthersWhatTheProviderToldOnceInTheBeginning) {
  const std::string created = Event(
      "response.created",
      R"(,"response":{"id":"resp_1","status":"in_progress","output":[],"tools":[],"temperature":1.0,"usage":null})");
  const std::string stream = created +
                             Event("response.in_progress", R"(,"response":{"id":"resp_1","status":"in_progress"})") +
                             kDone + kCompleted;
  EventEncoder sdk(kToSdk, "resp_x", "m"), codex(kToCodex, "resp_x", "m");
  const std::string out = Relay(sdk, stream, 1000).out;
  EXPECT_THAT(out, HasSubstr(R"("status":"in_progress","output":[],"tools":[],"temperature":1.0,"usage":null}})"));
  EXPECT_THAT(out, HasSubstr(R"("usage":{"input_tokens":1},"tools":[],"temperature":1.0}})"));
  EXPECT_EQ(Relay(codex, stream, 1000).out, stream);

  ResponseEncoder whole;
  ASSERT_TRUE(whole.Add(stream).ok());
  EXPECT_EQ(wire::ParseJson(*whole.Encode())->at("temperature"), 1.0);
}

TEST(ResponsesEventEncoder, KeepsTheItemsThatOnlyTheEndTold) {
  const SystemClock clock;
  StoredResponses store{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  ResponseAdditions additions;
  additions.shelf = std::make_shared<ClientResponses>(store, "key", clock);
  additions.draft.input = std::make_shared<const std::string>();
  EventEncoder encoder(kToSdk, "resp_x", "m", additions);
  Relay(encoder, kCreated + Event("response.completed", R"(,"response":{"id":"resp_1","output":[{"id":"msg_9"}]})"),
        99);
  const StoredResponse* kept = additions.shelf->Find("resp_1");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(*kept->output, R"({"id":"msg_9"})");
}

TEST(ResponsesEventEncoder, CarriesOutputFromTheFirstDeltaOn) {
  for (const bool codex : {true, false}) {
    EventEncoder encoder(codex ? kToCodex : kToSdk, "resp_f", "m");
    EXPECT_FALSE(Relay(encoder, kCreated + kLimits + kAdded, 5).output);
    EXPECT_TRUE(Relay(encoder, kDelta, 5).output);
    EventEncoder failing(codex ? kToCodex : kToSdk, "resp_f", "m");
    EXPECT_FALSE(Relay(failing, kCreated + kFailed, 1000).output) << "a failure may still be tried elsewhere";
  }
}

TEST(ResponsesEventEncoder, EndsABrokenStreamInTheResponseThatWasCreated) {
  for (const bool codex : {true, false}) {
    EventEncoder encoder(codex ? kToCodex : kToSdk, "resp_f", "m");
    std::string out = Relay(encoder, kCreated + kDelta + kDone + kDelta.substr(0, 30), 1000).out;
    encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "it broke"), out);
    EXPECT_EQ(Types(out).back(), "response.failed");
    const auto response = LastData(out).at("response");
    EXPECT_EQ(response.at("id"), "resp_1");
    EXPECT_EQ(response.at("status"), "failed");
    EXPECT_EQ(response.at("error"), *wire::ParseJson(R"({"code":"server_error","message":"it broke"})"));
    EXPECT_EQ(response.at("output").as_array().size(), 1u);
  }
}

TEST(ResponsesEventEncoder, EndsAStreamThatBrokeBeforeItWasCreated) {
  EventEncoder encoder(kToCodex, "resp_f", "gpt-5.5", {}, 1787390000);
  std::string out;
  encoder.EncodeBreak(Problem(Problem::Kind::kTimeout, "too late"), out);
  EXPECT_EQ(LastData(out).at("response").at("created_at"), 1787390000);
  EXPECT_EQ(LastData(out).at("response").at("id"), "resp_f");
  EXPECT_EQ(LastData(out).at("response").at("model"), "gpt-5.5");
}

TEST(ResponsesEventEncoder, AddsNoSecondEnd) {
  for (const std::string& end : {kFailed, kCompleted}) {
    EventEncoder encoder(kToCodex, "resp_f", "m");
    std::string out = Relay(encoder, kCreated + kDelta + end, 1000).out;
    encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "x"), out);
    EXPECT_EQ(out, kCreated + kDelta + end);
  }
}

TEST(ResponsesEventEncoder, SaysAnErrorEventAgainToCodexWhichOverlooksIt) {
  const std::string error = Event("error", R"(,"code":"server_error","message":"x")");
  EventEncoder codex(kToCodex, "resp_f", "m"), sdk(kToSdk, "resp_f", "m");
  std::string out = Relay(codex, kCreated + kDelta + error, 1000).out;
  codex.EncodeBreak(Problem(Problem::Kind::kProvider, "x"), out);
  EXPECT_EQ(Types(out).back(), "response.failed");
  out = Relay(sdk, kCreated + kDelta + error, 1000).out;
  sdk.EncodeBreak(Problem(Problem::Kind::kProvider, "x"), out);
  EXPECT_EQ(Types(out).back(), "error");
}

TEST(ResponsesResponseEncoder, CollectsTheResponse) {
  for (const std::size_t piece : {1u, 9u, 100'000u}) {
    ResponseEncoder encoder;
    for (std::size_t at = 0; at < kStream.size(); at += piece) {
      ASSERT_TRUE(encoder.Add(std::string_view(kStream).substr(at, piece)).ok());
    }
    EXPECT_EQ(
        *wire::ParseJson(*encoder.Encode()),
        *wire::ParseJson(
            R"({"id":"resp_1","status":"completed","output":[{"id":"msg_1","type":"message","content":[]}],"usage":{"input_tokens":1},)"
            R"("object":"response","created_at":5,"model":"gpt-5.5"})"));
  }
}

TEST(ResponsesResponseEncoder, GivesAnIncompleteAnswerWithItsReason) {
  ResponseEncoder encoder;
  ASSERT_TRUE(
      encoder
          .Add(
              kDone +
              Event(
                  "response.incomplete",
                  R"(,"response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})"))
          .ok());
  EXPECT_EQ(wire::ParseJson(*encoder.Encode())->at("incomplete_details").at("reason"), "max_output_tokens");
}

TEST(ResponsesResponseEncoder, InventsNoEnd) {
  ResponseEncoder encoder;
  ASSERT_TRUE(encoder.Add(kCreated + kDelta + kDone).ok());
  EXPECT_FALSE(encoder.Encode().ok());
}

TEST(ResponsesErrorEncoder, PassesTheProvidersOwnErrorObject) {
  Problem problem(Problem::Kind::kBadRequest, "m");
  problem.status = 422;
  problem.provider_body = R"({"error":{"message":"m","type":"t","param":"p","code":"c","extra":1}})";
  problem.body_dialect = "openai_responses";
  EXPECT_EQ(EncodeError(problem).body, problem.provider_body);
  EXPECT_EQ(EncodeError(problem).status, 422);
}

TEST(ResponsesErrorEncoder, ShowsNoBodyOfAnotherDialect) {
  Problem problem(Problem::Kind::kBadRequest, "m");
  problem.provider_body = R"({"type":"error","error":{"type":"invalid_request_error","message":"of Anthropic"}})";
  for (const char* dialect : {"", "anthropic"}) {
    problem.body_dialect = dialect;
    EXPECT_THAT(EncodeError(problem).body, HasSubstr(R"("message":"m")")) << dialect;
  }
}

TEST(ResponsesErrorEncoder, NamesAPolicyOnlyInAWordThatItsClientsKnow) {
  Problem problem(Problem::Kind::kPolicy, "m");
  problem.code = "cyber_policy";
  EXPECT_THAT(ResponseErrorJson(problem), HasSubstr(R"("code":"cyber_policy")"));
  problem.code = "content_filter";
  EXPECT_THAT(ResponseErrorJson(problem), HasSubstr(R"("code":"invalid_prompt")"));
}

TEST(ResponsesErrorEncoder, SaysThatAPreviousResponseIsNotFound) {
  Problem problem(Problem::Kind::kNotFound, "m");
  problem.param = "/previous_response_id";
  EXPECT_THAT(EncodeError(problem).body,
              HasSubstr(R"("param":"previous_response_id","code":"previous_response_not_found")"));
  EXPECT_EQ(EncodeError(problem).status, 400);
  problem.kind = Problem::Kind::kUnsupported;
  problem.param = "/prompt";
  EXPECT_THAT(EncodeError(problem).body, HasSubstr(R"("code":"unsupported_parameter")"));
}

TEST(ResponsesErrorEncoder, TellsTheCodexClientWhenABudgetIsBack) {
  Problem problem(Problem::Kind::kKeyBudget, "the budget of 5 USD a day is used up");
  problem.resets_at = std::chrono::seconds(1787403600);
  problem.retry_after = std::chrono::seconds(13540);
  const Answer answer = EncodeError(problem);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body,
            R"({"error":{"message":"the budget of 5 USD a day is used up","type":"usage_limit_reached","param":null,)"
            R"("code":"insufficient_quota","resets_at":1787403600,"resets_in_seconds":13540}})");
  EXPECT_THAT(answer.headers, ::testing::Contains(std::pair<std::string, std::string>("x-should-retry", "false")));
}

TEST(ResponsesErrorEncoder, UsesCodesThatClientsActOn) {
  const std::vector<std::pair<Problem::Kind, const char*>> rows = {
      {Problem::Kind::kContextTooLong, "context_length_exceeded"},
      {Problem::Kind::kThrottled, "rate_limit_exceeded"},
      {Problem::Kind::kKeyLimit, "rate_limit_exceeded"},
      {Problem::Kind::kExhausted, "insufficient_quota"},
      {Problem::Kind::kKeyBudget, "insufficient_quota"},
      {Problem::Kind::kOverloaded, "server_is_overloaded"},
      {Problem::Kind::kBadRequest, "invalid_prompt"},
      {Problem::Kind::kProvider, "server_error"},
      {Problem::Kind::kTimeout, "server_error"}};
  for (const auto& [kind, code] : rows) {
    EXPECT_EQ(wire::FindString(*wire::ParseJson(ResponseErrorJson(Problem(kind, "m"))), "code"), code);
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
