#include "workers/ollama/server/client_notes.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/ollama/server/server_testing.h"

namespace patchbay::ollama {
namespace {

using ::testing::HasSubstr;

constexpr const char* kNoted = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
constexpr const char* kNotedWhole = R"({"model":"m","stream":false,"messages":[{"role":"user","content":"x"}]})";
constexpr const char* kRecorded = "recording: 'r1'";
constexpr const char* kSaidHi = "events { started {} } events { text_delta { text: 'hi' } }";
constexpr const char* kStopped = "events { finished { reason: FINISH_REASON_STOP } }";

class ClientNotesTest : public BridgeTest {};

TEST_F(ClientNotesTest, AreToldOfACallThatIsRecorded) {
  gateway_.Says("m", {kRecorded, kSaidHi, kStopped});
  const auto exchange = Ask("POST", "/api/chat", kNoted);
  EXPECT_TRUE(gateway_.called.at(0).tells_client());
  ASSERT_EQ(gateway_.told.size(), 1u);
  const auto& told = gateway_.told[0];
  EXPECT_EQ(told.request_id(), "r1");
  EXPECT_EQ(told.dialect(), "ollama");
  EXPECT_EQ(told.path(), "/api/chat");
  EXPECT_EQ(told.model(), "m");
  EXPECT_EQ(told.status(), 200);
  EXPECT_TRUE(told.stream() && told.lines() && !told.cut());
  EXPECT_EQ(told.request_body(), kNoted);
  EXPECT_EQ(told.response_body(), exchange->output);
  EXPECT_THAT(told.response_body(), HasSubstr(R"("done":true)"));
}

TEST_F(ClientNotesTest, AreToldOfWholeAnswersAndOfRefusals) {
  gateway_.Says("m", {kRecorded, kSaidHi, kStopped});
  const auto whole = Ask("POST", "/api/generate", R"({"model":"m","stream":false,"prompt":"x"})");
  ASSERT_EQ(gateway_.told.size(), 1u);
  EXPECT_EQ(gateway_.told[0].path(), "/api/generate");
  EXPECT_EQ(gateway_.told[0].response_body(), whole->output);
  EXPECT_FALSE(gateway_.told[0].stream());

  gateway_.Says("m", {kRecorded}, Error(ErrorCode::kResourceExhausted, "used up"));
  const auto refused = Ask("POST", "/api/chat", kNotedWhole);
  ASSERT_EQ(gateway_.told.size(), 2u);
  EXPECT_EQ(gateway_.told[1].status(), refused->status);
  EXPECT_EQ(gateway_.told[1].response_body(), R"({"error":"used up"})");
}

TEST_F(ClientNotesTest, AreOfTheCallWhoseNameTheGatewayKnows) {
  gateway_.Says("m", {kRecorded}, Error(ErrorCode::kNotFound, "no such model"));
  gateway_.Says("m:latest", {"recording: 'r2'", kSaidHi, kStopped});
  Ask("POST", "/api/chat", kNotedWhole);
  ASSERT_EQ(gateway_.told.size(), 1u);
  EXPECT_EQ(gateway_.told[0].request_id(), "r2");
  EXPECT_EQ(gateway_.told[0].request_body(), kNotedWhole);
}

TEST_F(ClientNotesTest, HoldWhatAClientGotThatLeft) {
  gateway_.Says("m", {kRecorded, kSaidHi, kStopped});
  const auto exchange = Ask("POST", "/api/chat", kNoted, {}, "hi");
  ASSERT_EQ(gateway_.told.size(), 1u);
  EXPECT_EQ(gateway_.told[0].response_body(), exchange->output);
}

TEST_F(ClientNotesTest, AreNotToldWhileNobodyRecords) {
  gateway_.Says("m", {kSaidHi, kStopped});
  Ask("POST", "/api/chat", kNoted);
  Ask("POST", "/api/embed", R"({"model":"m","input":"a"})");
  EXPECT_TRUE(gateway_.told.empty());
}

TEST_F(ClientNotesTest, AreToldOfVectors) {
  gateway_.embed_recording = "r3";
  const auto exchange = Ask("POST", "/api/embed", R"({"model":"m","input":"a"})");
  EXPECT_TRUE(gateway_.embedded.at(0).tells_client());
  ASSERT_EQ(gateway_.told.size(), 1u);
  EXPECT_EQ(gateway_.told[0].request_id(), "r3");
  EXPECT_EQ(gateway_.told[0].path(), "/api/embed");
  EXPECT_EQ(gateway_.told[0].response_body(), exchange->output);
}

TEST_F(ClientNotesTest, HoldNoMoreThanARecording) {
  const std::string pictures(ClientNotes::kMaxBytes + 5, ' ');
  gateway_.Says("m", {kRecorded, kSaidHi, kStopped});
  Ask("POST", "/api/chat", kNotedWhole + pictures);
  ASSERT_EQ(gateway_.told.size(), 1u);
  EXPECT_EQ(gateway_.told[0].request_body().size(), ClientNotes::kMaxBytes);
  EXPECT_TRUE(gateway_.told[0].cut());
}

}  // namespace
}  // namespace patchbay::ollama
