// What the provider may answer with besides a plain event stream: one document, and bodies that are compressed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/compress.h"
#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using testing::FakeStream;
using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using testing::Peer;
namespace inf = inference::v1;

constexpr std::string_view kEvents =
    "event: response.created\n"
    R"(data: {"type":"response.created","response":{"id":"resp_1","model":"gpt-5.5"}})"
    "\n\n"
    R"(data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello"})"
    "\n\n"
    R"(data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":3,"output_tokens":2}}})"
    "\n\n";
constexpr std::string_view kFound = R"({"output":"found it","results":[{"ref_id":"turn0search0"}]})";

std::string Answer(std::string_view head, std::string_view body, std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(head) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class Answers : public testing::ServiceFixture {
 protected:
  // One call, answered with these bytes; what the provider received is in received_.
  FakeStream Ask(std::deque<v1::CallRequest> requests, const std::string& answer, bool close = false) {
    LocalServer server(true, [&](Peer& peer) {
      received_ = peer.ReadRequest();
      peer.Write(answer);
      if (!close) peer.WaitForClose();
    });
    PointAt(server);
    AddCredential("a");
    FakeStream stream;
    stream.requests = std::move(requests);
    EXPECT_TRUE(Call(stream).ok());
    return stream;
  }
  static std::deque<v1::CallRequest> Search(const std::string& dialect = "openai_search") {
    std::deque<v1::CallRequest> requests = Raw(R"({"id":"t1","model":"gpt-5.5"})");
    v1::Open& open = *requests[0].mutable_open();
    open.mutable_raw()->set_dialect(dialect);
    open.mutable_raw()->set_model("gpt-5.5");
    v1::Header& metadata = *open.add_forwarded_headers();
    metadata.set_name("x-codex-turn-metadata");
    metadata.set_value("{}");
    return requests;
  }
  static std::string Chunks(const FakeStream& stream) {
    std::string passed;
    for (const auto& reply : stream.replies) passed += reply.chunk();
    return passed;
  }
  static const v1::End& EndOf(const FakeStream& stream) { return stream.replies.back().end(); }

  std::string received_;
};

const std::string kJson = "content-type: application/json\r\n";
const std::string kSse = "content-type: text/event-stream\r\n";

TEST_F(Answers, PassADocumentByteForByteFromItsOwnPath) {
  const FakeStream stream = Ask(Search(), Answer(kJson, kFound));
  EXPECT_EQ(Chunks(stream), kFound);
  EXPECT_FALSE(EndOf(stream).has_failure()) << EndOf(stream).failure().ShortDebugString();
  EXPECT_FALSE(EndOf(stream).has_usage());
  EXPECT_THAT(received_, HasSubstr("POST /backend-api/codex/alpha/search HTTP/1.1\r\nversion: 0.171.0\r\n"
                                   "x-codex-turn-metadata: {}\r\nauthorization: Bearer token-of-a\r\n"));
  EXPECT_THAT(received_, HasSubstr("\r\naccept: */*\r\naccept-encoding: zstd,gzip\r\nhost: localhost:"));
  EXPECT_THAT(received_, ::testing::EndsWith("\r\n\r\n"
                                             R"({"id":"t1","model":"gpt-5.5"})"));
  for (const char* name : {"session-id", "thread-id", "x-codex-window-id", "x-codex-routing-hint"}) {
    EXPECT_THAT(received_, Not(HasSubstr(name)));
  }
}

TEST_F(Answers, PassASummaryFromItsOwnPath) {
  EXPECT_EQ(Chunks(Ask(Search("openai_memories"), Answer(kJson, R"({"output":[]})"))), R"({"output":[]})");
  EXPECT_THAT(received_, HasSubstr("POST /backend-api/codex/memories/trace_summarize HTTP/1.1\r\n"));
}

TEST_F(Answers, TellADocumentThatWasCutHoweverItEnded) {
  const std::string half(kFound.substr(0, 20));
  for (const std::string& answer :
       {"HTTP/1.1 200 OK\r\n" + kJson + "content-length: 60\r\n\r\n" + half,     // shorter than it said
        "HTTP/1.1 200 OK\r\n" + kJson + "connection: close\r\n\r\n" + half,      // without a length
        "HTTP/1.1 200 OK\r\n" + kJson + "content-length: 20\r\n\r\n" + half}) {  // "whole"
    const FakeStream stream = Ask(Search(), answer, true);
    EXPECT_EQ(EndOf(stream).failure().stage(), inf::FAILURE_STAGE_STREAM) << answer;
  }
}

TEST_F(Answers, TellAReplyThatIsNoDocument) {
  EXPECT_EQ(EndOf(Ask(Search(), Answer("content-type: text/html\r\n", "<html>"))).failure().stage(),
            inf::FAILURE_STAGE_STREAM);
  EXPECT_EQ(EndOf(Ask(Search(), Answer(kJson, "[]"))).failure().stage(), inf::FAILURE_STAGE_STREAM);
  const FakeStream refused = Ask(Search(), Answer(kJson, R"({"detail":"no"})", "404 Not Found"));
  EXPECT_EQ(EndOf(refused).failure().stage(), inf::FAILURE_STAGE_STATUS);
  EXPECT_EQ(EndOf(refused).failure().http_status(), 404);
  EXPECT_EQ(EndOf(refused).failure().message(), "no");
  const FakeStream missing = Ask(Search(), Answer("", "", "404 Not Found"));
  EXPECT_EQ(EndOf(missing).failure().cause(), inf::CAUSE_NO_ENDPOINT);
  EXPECT_EQ(EndOf(Ask(Raw("{}"), Answer("", "", "404 Not Found"))).failure().cause(), inf::CAUSE_UNSPECIFIED);
}

TEST_F(Answers, NameTheModelOfARawBodyInTheRoutingHint) {
  std::deque<v1::CallRequest> requests = Raw("{}");
  requests[0].mutable_open()->mutable_raw()->set_model("gpt-5.5");
  requests[0].mutable_open()->mutable_raw()->set_service_tier("priority");
  Ask(std::move(requests), Answer(kSse, kEvents));
  EXPECT_THAT(received_, HasSubstr("\r\nx-codex-routing-hint: model=gpt-5.5;tier=priority\r\n"));
}

class CompressedAnswers : public Answers, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string Coding() const { return "content-encoding: " + std::string(GetParam()) + "\r\n"; }
};

TEST_P(CompressedAnswers, ArriveAsWhatTheySay) {
  const std::string body = sim::Compressed(GetParam(), kEvents);
  const FakeStream raw = Ask(Raw("{}"), Answer(kSse + Coding(), body));
  EXPECT_EQ(Chunks(raw), kEvents);
  EXPECT_EQ(EndOf(raw).usage().output_tokens(), 2);
  for (const auto& header : raw.replies.front().head().headers()) EXPECT_NE(header.name(), "content-encoding");

  const FakeStream translated = Ask({Canonical()}, Answer(kSse + Coding(), body));
  std::string text;
  for (const auto& reply : translated.replies) {
    for (const auto& event : reply.events().events()) text += event.text_delta().text();
  }
  EXPECT_EQ(text, "Hello");
  EXPECT_FALSE(EndOf(translated).has_failure());

  EXPECT_EQ(Chunks(Ask(Search(), Answer(kJson + Coding(), sim::Compressed(GetParam(), kFound)))), kFound);
}

TEST_P(CompressedAnswers, PassEachPieceAsItComes) {
  const auto compressor = sim::Compressor::Create(GetParam());
  const std::size_t split = kEvents.find("\n\n") + 2;
  const std::string first = compressor->Add(kEvents.substr(0, split), false);
  const std::string rest = compressor->Add(kEvents.substr(split), true);
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n" + kSse + Coding() +
               "content-length: " + std::to_string(first.size() + rest.size()) + "\r\n\r\n" + first);
    peer.ReadRequest();  // until the caller has seen the first piece, and so hung up
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests = Raw("{}");
  std::string passed;
  stream.on_reply = [&](const v1::CallReply& reply) {
    passed += reply.chunk();
    stream.gone = !passed.empty();
  };
  EXPECT_FALSE(Call(stream).ok());
  EXPECT_EQ(passed, kEvents.substr(0, split));
}

TEST_P(CompressedAnswers, TellWhyTheyFailed) {
  const FakeStream error =
      Ask(Raw("{}"), Answer(kJson + Coding(), sim::Compressed(GetParam(), R"({"detail":"Store must be set to false"})"),
                            "400 Bad Request"));
  EXPECT_EQ(EndOf(error).failure().message(), "Store must be set to false");

  std::string cut = sim::Compressed(GetParam(), kEvents.substr(0, 60));
  cut.resize(cut.size() - 4);
  EXPECT_EQ(EndOf(Ask(Raw("{}"), Answer(kSse + Coding(), cut))).failure().stage(), inf::FAILURE_STAGE_STREAM);
  EXPECT_EQ(EndOf(Ask(Raw("{}"), Answer(kSse + Coding(), "plain text"))).failure().stage(), inf::FAILURE_STAGE_STREAM);
  const std::string bomb = sim::Compressed(GetParam(), std::string(kMaxDecodedPieceBytes + 1, ' '));
  EXPECT_EQ(EndOf(Ask(Raw("{}"), Answer(kSse + Coding(), bomb))).failure().stage(), inf::FAILURE_STAGE_STREAM);
}

INSTANTIATE_TEST_SUITE_P(All, CompressedAnswers, ::testing::Values("gzip", "zstd"));

}  // namespace
}  // namespace patchbay::upstream
