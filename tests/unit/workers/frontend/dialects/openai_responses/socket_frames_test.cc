#include "workers/frontend/dialects/openai_responses/socket_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"

namespace patchbay::frontend::openai_responses {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr ClientTraits kCodexClient{.native = true};
constexpr ClientTraits kPlain{};

// What the Codex backend gets.
Edits EditsOf(const Result<ClientFrame>& frame) { return *codex::EditsFor(frame->request); }
std::string Sent(const Result<ClientFrame>& frame) { return frame->request.With(EditsOf(frame).changes); }

constexpr const char* kTurn =
    R"({"type":"response.create","model":"gpt-5.5","instructions":"x","previous_response_id":"resp_1","input":[],)"
    R"("store":false,"stream":true,"generate":false,"client_metadata":{"a":"b"}})";

TEST(SocketFrames, PassACodexTurnByteForByte) {
  const auto frame = DecodeFrame(kTurn, kCodexClient);
  ASSERT_TRUE(frame.ok()) << frame.error().message;
  EXPECT_TRUE(frame->wants_answer);
  EXPECT_EQ(Sent(frame), kTurn);
  EXPECT_EQ(frame->request.model, "gpt-5.5");
  EXPECT_EQ(frame->previous_response_id, "resp_1");
}

TEST(SocketFrames, RepairWhatAnSdkWritesAndSayWhatIsLeftOut) {
  const auto frame = DecodeFrame(R"({"type":"response.create","model":"m","input":"Hi","temperature":1})", kPlain);
  ASSERT_TRUE(frame.ok()) << frame.error().message;
  EXPECT_THAT(Sent(frame), HasSubstr(R"("type":"response.create")"));
  EXPECT_THAT(Sent(frame), HasSubstr(R"("stream":true)"));
  EXPECT_THAT(Sent(frame), HasSubstr(R"("store":false)"));
  EXPECT_THAT(Sent(frame), Not(HasSubstr("temperature")));
  EXPECT_EQ(IgnoredFrame(EditsOf(frame).ignored), R"({"type":"patchbay.ignored","fields":["temperature"]})");
  EXPECT_EQ(IgnoredFrame({}), "");
  EXPECT_EQ(RepairedFrame({"a:0", "b"}), R"({"type":"patchbay.repaired","repairs":["a:0","b"]})");
}

TEST(SocketFrames, SayThatNothingIsStored) {
  for (const auto& [store, ignored] : {std::pair("true", 1u), std::pair("false", 0u)}) {
    const auto frame =
        DecodeFrame(R"({"type":"response.create","model":"m","input":[],"store":)" + std::string(store) + "}", kPlain);
    ASSERT_TRUE(frame.ok()) << frame.error().message;
    EXPECT_THAT(Sent(frame), HasSubstr(R"("store":false)"));
    EXPECT_THAT(EditsOf(frame).ignored, SizeIs(ignored));
  }
}

TEST(SocketFrames, GoOnFromAResponseWithNothingToAdd) {
  const auto frame = DecodeFrame(R"({"type":"response.create","model":"m","previous_response_id":"resp_1"})", kPlain);
  ASSERT_TRUE(frame.ok()) << frame.error().message;
  EXPECT_THAT(Sent(frame), HasSubstr(R"("previous_response_id":"resp_1")"));
  EXPECT_THAT(Sent(frame), HasSubstr(R"("input":[])"));
}

TEST(SocketFrames, IgnoreWhatOlderClientsSayAfterATurn) {
  const auto frame = DecodeFrame(R"({"type":"response.processed","response_id":"resp_1"})", kCodexClient);
  ASSERT_TRUE(frame.ok()) << frame.error().message;
  EXPECT_FALSE(frame->wants_answer);
}

TEST(SocketFrames, NameTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"type":"response.cancel"})", "/type"},
      {R"({"model":"m","input":[]})", "/type"},
      {R"({"type":"response.create","model":"m","input":[],"generate":"no"})", "/generate"},
      {R"({"type":"response.create","model":"m","input":[],"previous_response_id":7})", "/previous_response_id"},
      {R"({"type":"response.create","model":"m","input":[],"stream_id":"a"})", "/stream_id"},
      {R"({"type":"response.create","model":7,"input":[]})", "/model"},
      {R"({"type":"response.create","input":[]})", "/model"},
      {R"({"type":"response.create","model":"m"})", "/input"},
  };
  for (const auto& [text, where] : kCases) {
    const auto frame = DecodeFrame(text, kPlain);
    ASSERT_FALSE(frame.ok()) << text;
    EXPECT_EQ(frame.error().where, where) << text;
    EXPECT_EQ(frame.error().origin, Origin::kClient) << text;
  }
}

TEST(SocketFrames, RefuseWhatIsNoJsonObject) {
  for (const char* text : {"", "x", "[]", "7", R"({"type":"response.create")", R"({"type":"a","type":"b"})", "\xff"}) {
    EXPECT_FALSE(DecodeFrame(text, kCodexClient).ok()) << text;
  }
  std::string deep(300, '[');
  EXPECT_FALSE(DecodeFrame(R"({"type":"response.create","model":"m","input":)" + deep, kCodexClient).ok());
}

TEST(SocketFrames, TellProblemsWithTheStatusAndObjectOfHttp) {
  Problem problem(Problem::Kind::kThrottled, "slow down");
  problem.retry_after = std::chrono::seconds(7);
  const auto frame = wire::ParseJson(ErrorFrame(problem));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->at("type"), "error");
  EXPECT_EQ(frame->at("status"), 429);
  EXPECT_EQ(frame->at("error").at("message"), "slow down");
  EXPECT_EQ(frame->at("headers").at("retry-after"), "7");
}

TEST(SocketFrames, TellTheProvidersOwnErrorInItsOwnWords) {
  Problem problem(Problem::Kind::kBadRequest, "x");
  problem.status = 400;
  problem.provider_body = R"({"error":{"type":"t","code":"own_code","message":"own words","extra":1}})";
  problem.body_dialect = "openai_responses";
  const auto frame = wire::ParseJson(ErrorFrame(problem));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->at("status"), 400);
  EXPECT_EQ(frame->at("error").at("extra"), 1);
}

TEST(SocketFrames, TellALostResponseInTheWordsThatClientsActOn) {
  const auto frame = wire::ParseJson(ErrorFrame(PreviousResponseLost("resp_9")));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->at("status"), 400);
  EXPECT_EQ(frame->at("error").at("code"), "previous_response_not_found");
  EXPECT_EQ(frame->at("error").at("param"), "previous_response_id");
}

TEST(FrameEncoder, GivesCodexEverything) {
  FrameEncoder encoder(true);
  std::vector<std::string> out;
  EXPECT_FALSE(*encoder.Relay(R"({"type":"codex.rate_limits"})", out));
  EXPECT_FALSE(*encoder.Relay(R"({"type":"response.created","response":{"id":"r"}})", out));
  EXPECT_TRUE(*encoder.Relay(R"({"type":"response.output_text.delta","delta":"x"})", out));
  EXPECT_FALSE(encoder.ended());
  EXPECT_TRUE(*encoder.Relay(R"({"type":"response.completed","response":{"id":"r","output":[]}})", out));
  EXPECT_TRUE(encoder.ended());
  EXPECT_THAT(out, SizeIs(4));
  EXPECT_EQ(out[3], R"({"type":"response.completed","response":{"id":"r","output":[]}})");
}

TEST(FrameEncoder, GivesOthersThePublicFramesAndTheWholeOutput) {
  FrameEncoder encoder(false);
  std::vector<std::string> out;
  ASSERT_TRUE(encoder.Relay(R"({"type":"codex.rate_limits"})", out).ok());
  EXPECT_THAT(out, IsEmpty());
  ASSERT_TRUE(encoder.Relay(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"i"}})", out).ok());
  ASSERT_TRUE(encoder.Relay(R"({"type":"response.completed","response":{"id":"r","output":[]}})", out).ok());
  ASSERT_THAT(out, SizeIs(2));
  EXPECT_EQ(out[1], R"({"type":"response.completed","response":{"id":"r","output":[{"id":"i"}]}})");
}

// Typed readers abort at a type they do not know.
TEST(FrameEncoder, KeepsToItselfWhatIsNotInThePublicApi) {
  for (const char* frame : {R"({"type":"keepalive","sequence_number":1})", R"({"type":"codex.anything"})",
                            R"({"type":"response.metadata","headers":{}})", R"({"type":"response.brand_new","x":1})",
                            R"({"type":"responsesapi.websocket_timing"})", R"({"x":1})", "[]"}) {
    FrameEncoder encoder(false), codex(true);
    std::vector<std::string> out, codex_out;
    ASSERT_TRUE(encoder.Relay(frame, out).ok());
    EXPECT_THAT(out, IsEmpty()) << frame;
    EXPECT_FALSE(IsForEverybody(frame)) << frame;
    ASSERT_TRUE(codex.Relay(frame, codex_out).ok());
    EXPECT_THAT(codex_out, ElementsAre(frame));
  }
  EXPECT_TRUE(IsForEverybody(R"({"type":"response.failed","response":{}})"));
  EXPECT_TRUE(IsForEverybody(R"({"type":"error","status":400})"));
}

TEST(FrameEncoder, TellsBackWhatTheProviderWasNotTold) {
  const auto frame = DecodeFrame(R"({"type":"response.create","model":"m","input":[],"metadata":{"a":"b"}})", kPlain);
  ASSERT_TRUE(frame.ok()) << frame.error().message;
  ResponseAdditions additions;
  additions.echoes = codex::EchoesFor(frame->request);
  FrameEncoder encoder(false, additions);
  std::vector<std::string> out;
  ASSERT_TRUE(encoder.Relay(R"({"type":"response.created","response":{"id":"r","metadata":{}}})", out).ok());
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_THAT(out[0], HasSubstr(R"("metadata":{"a":"b"})"));
  ASSERT_TRUE(encoder.Relay(R"({"type":"response.failed","response":{"id":"r"}})", out).ok());
  EXPECT_THAT(out.back(), HasSubstr(R"("metadata":{"a":"b"})"));
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
