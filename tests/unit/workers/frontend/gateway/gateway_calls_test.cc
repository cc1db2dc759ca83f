#include "workers/frontend/gateway/gateway_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lib/testing/configured.h"
#include "tests/unit/workers/frontend/engine/engine_testing.h"
#include "workers/frontend/call/token_count.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeWriter final : public GatewayWriter {
 public:
  explicit FakeWriter(asio::io_context& io) : cancelled_(io.get_executor()) {}
  Awaitable<bool> Send(const gateway::v1::GenerateReply& reply) override {
    sent.push_back(reply);
    if (on_send) on_send();
    if (reads) co_return true;
    co_await cancelled_.Wait();
    co_return false;
  }
  void Cancel() override { cancelled_.Notify(); }
  void OnCancelled(std::function<void()> callback) override { leave = std::move(callback); }
  void AddTrailer(const std::string& name, const std::string& value) override { trailers[name] = value; }

  std::vector<gateway::v1::GenerateReply> sent;
  std::function<void()> leave, on_send;
  std::map<std::string, std::string> trailers;
  bool reads = true;

 private:
  async::Event cancelled_;
};

class GatewayCallsTest : public ::testing::Test {
 protected:
  Result<void> Generate(const std::string& call = R"pb(request { model: "client-model" })pb") {
    Begin(call);
    EXPECT_TRUE(status_);
    return std::move(*status_);
  }
  void Begin(const std::string& call = R"pb(request { model: "client-model" })pb") {
    status_.reset();
    asio::co_spawn(
        io_,
        [this, asked = FromText<gateway::v1::GenerateCall>(call)]() -> Awaitable<void> {
          auto status = co_await calls_.Generate(caller_, asked, writer_);
          status_.emplace(std::move(status));
        },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
  }
  void Go() {
    io_.restart();
    io_.poll();
  }
  // Asks for one, as `patchbay record` does, without waiting.
  RecordingPtr NextRecording() {
    RecordingPtr got;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { got = co_await recorder_.Next(std::chrono::milliseconds(0)); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    return got;
  }

  asio::io_context io_;
  testing::FakeTime time_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  Engine engine_{time_, leaser_, upstream_};
  const Settings settings_ = SettingsFrom(testing::Configured());
  Recorder recorder_{io_, time_};
  BridgedCalls bridged_{recorder_};
  GatewayCalls calls_{io_.get_executor(), time_, engine_, settings_, &bridged_};
  std::shared_ptr<FakeWriter> writer_ = std::make_shared<FakeWriter>(io_);
  GatewayCaller caller_{{.id = "worker:ollama", .name = "worker:ollama"}, ""};
  std::optional<Result<void>> status_;
};

TEST_F(GatewayCallsTest, PassOnWhatUpstreamSaysAndSettleIt) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  ASSERT_TRUE(Generate().ok());
  std::vector<std::string> kinds;
  for (const auto& reply : writer_->sent) {
    for (const auto& event : reply.events()) kinds.push_back(event.GetTypeName() + std::to_string(event.kind_case()));
  }
  EXPECT_EQ(kinds.size(), 4u) << "started, text, usage, finished";
  EXPECT_TRUE(writer_->sent.back().has_timings());
  EXPECT_EQ(leaser_.acquired.at(0).client_key_id(), "worker:ollama");
  EXPECT_EQ(leaser_.settled.at(0).dialect(), "gateway");
  EXPECT_EQ(leaser_.settled.at(0).usage().output_tokens(), 1);
  EXPECT_EQ(calls_.served_total(), 1);
  EXPECT_EQ(calls_.in_flight(), 0);
}

TEST_F(GatewayCallsTest, TellFirstWhatBecameOfTheRequest) {
  leaser_.WillGrant(Grant("l1"));
  auto without = Grant("l2");
  without.set_without_sealed_reasoning(true);
  leaser_.WillGrant(without);
  upstream_.WillAnswer(
      {"end { failure { stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_SEALED_REASONING code: "
       "'invalid_encrypted_content' } }"});
  upstream_.WillAnswer(
      {R"(head { status: 200 ignored: "top_p" ignored: "seed" repaired: "a" })", kStarted, kText, kFinish, kEnd});
  ASSERT_TRUE(Generate(R"pb(request {
                              model: "client-model"
                              items { reasoning { encrypted_content: "x" } }
                            })pb")
                  .ok());
  const auto& notes = writer_->sent.at(0).notes();
  EXPECT_THAT(notes.ignored(), ElementsAre("top_p", "seed"));
  EXPECT_THAT(notes.repaired(), ElementsAre("sealed_reasoning", "a"));
  EXPECT_EQ(notes.served_model(), "wire-model");
  for (std::size_t i = 1; i < writer_->sent.size(); ++i) EXPECT_FALSE(writer_->sent[i].has_notes());
}

TEST_F(GatewayCallsTest, RefuseByTheStatusOfTheRpc) {
  EXPECT_EQ(Generate("").error().code, ErrorCode::kInvalidArgument);
  const std::vector<std::pair<accounts::v1::DenyReason, ErrorCode>> cases = {
      {accounts::v1::DENY_REASON_UNKNOWN_MODEL, ErrorCode::kNotFound},
      {accounts::v1::DENY_REASON_EXHAUSTED, ErrorCode::kResourceExhausted},
      {accounts::v1::DENY_REASON_NO_ACCOUNT, ErrorCode::kUnavailable}};
  for (const auto& [reason, code] : cases) {
    leaser_.WillDeny(reason);
    EXPECT_EQ(Generate().error().code, code) << reason;
  }
  EXPECT_THAT(writer_->sent, IsEmpty());
}

TEST_F(GatewayCallsTest, TellWithAStatusWhatKindOfProblemItIs) {
  leaser_.WillDeny(accounts::v1::DENY_REASON_UNKNOWN_MODEL);
  ASSERT_FALSE(Generate(R"pb(request_id: "mine"
                             request { model: "client-model" })pb")
                   .ok());
  EXPECT_EQ(writer_->trailers["patchbay-problem"], "unknown_model");
  EXPECT_EQ(writer_->trailers["patchbay-request-id"], "mine");
}

TEST_F(GatewayCallsTest, TakeNoIdThatLogsAndMetadataCannotHold) {
  leaser_.WillDeny(accounts::v1::DENY_REASON_UNKNOWN_MODEL);
  ASSERT_FALSE(Generate(R"pb(request_id: "a\nb"
                             request { model: "client-model" })pb")
                   .ok());
  EXPECT_EQ(writer_->trailers["patchbay-request-id"].substr(0, 4), "req_");
}

TEST_F(GatewayCallsTest, TellInTheLastMessageHowLongEachPartTook) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  ASSERT_TRUE(Generate().ok());
  for (std::size_t i = 0; i + 1 < writer_->sent.size(); ++i) EXPECT_FALSE(writer_->sent[i].has_timings());
  const auto& timings = writer_->sent.back().timings();
  EXPECT_TRUE(timings.has_granted());
  EXPECT_TRUE(timings.has_accepted());
  EXPECT_TRUE(timings.has_first_output());
  EXPECT_TRUE(timings.has_total());
}

TEST_F(GatewayCallsTest, AreMadeInTheNameOfTheKeyFromWhereItsHolderIs) {
  caller_ = {{.id = "key_1", .name = "ci"}, "192.0.2.7"};
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_TERMS);
  EXPECT_EQ(Generate().error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(leaser_.acquired.at(0).client_key_id(), "key_1");
  EXPECT_EQ(leaser_.acquired.at(0).source(), "192.0.2.7");
}

TEST_F(GatewayCallsTest, CountTokensAsTheDialectsDo) {
  const auto request = FromText<gateway::v1::CountTokensRequest>(R"pb(request {
                                                                        model: "m"
                                                                        items {
                                                                          message {
                                                                            role: ROLE_USER
                                                                            parts { text: "Hello there" }
                                                                          }
                                                                        }
                                                                      })pb");
  EXPECT_EQ(CountTokens(request)->input_tokens(), EstimateTokens(request.request()));
  EXPECT_EQ(CountTokens({}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(GatewayCallsTest, EndAStreamThatBreaksWithOneFailure) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kCut});
  ASSERT_TRUE(Generate().ok());
  const auto& last = writer_->sent.back().events();
  EXPECT_TRUE(writer_->sent.back().has_timings());
  EXPECT_EQ(last.rbegin()->failed().failure().code(), "provider");
}

TEST_F(GatewayCallsTest, TellABridgeFirstThatItsCallIsRecorded) {
  constexpr const char* kOfBridge = R"pb(request_id: "r1"
                                         tells_client: true
                                         request { model: "client-model" })pb";
  for (const bool recorded : {false, true}) {
    if (recorded) NextRecording();
    writer_->sent.clear();
    leaser_.WillGrant(Grant(recorded ? "l2" : "l1"));
    upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
    ASSERT_TRUE(Generate(kOfBridge).ok());
    EXPECT_EQ(writer_->sent.front().recording(), recorded ? "r1" : "");
    if (recorded) EXPECT_EQ(writer_->sent.front().events_size(), 0);
    EXPECT_EQ(bridged_.open(), recorded ? 1u : 0u);
  }
  gateway::v1::Recording told;
  told.set_request_id("r1");
  told.set_status(200);
  bridged_.Tell("worker:ollama", told);
  const auto recording = NextRecording();
  ASSERT_NE(recording, nullptr);
  EXPECT_EQ(recording->ending(), "completed");
  EXPECT_GT(recording->events_size(), 0);

  leaser_.WillGrant(Grant("l3"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  writer_->sent.clear();
  ASSERT_TRUE(Generate().ok());
  EXPECT_EQ(writer_->sent.front().recording(), "") << "a program has no client to tell of";
}

TEST_F(GatewayCallsTest, CancelTheProviderWhenTheCallerLeaves) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  writer_->on_send = [&] { asio::post(io_, [&] { writer_->leave(); }); };
  EXPECT_EQ(Generate().error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_ABANDONED);
}

TEST_F(GatewayCallsTest, GiveUpACallerThatTakesNothing) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  writer_->reads = false;
  Begin();
  time_.Advance(settings_.http.write_timeout - std::chrono::milliseconds(1));
  Go();
  EXPECT_FALSE(status_);
  time_.Advance(std::chrono::milliseconds(1));
  Go();
  ASSERT_TRUE(status_);
  EXPECT_EQ(status_->error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_ABANDONED);
  EXPECT_EQ(calls_.in_flight(), 0);
}

TEST_F(GatewayCallsTest, KeepAConversationTogetherByItsKeyOrItsFirstTurn) {
  const std::vector<std::string> calls = {R"pb(affinity_key: "k"
                                               request { model: "client-model" instructions: "a" })pb",
                                          R"pb(affinity_key: "k"
                                               request { model: "client-model" instructions: "b" })pb",
                                          R"pb(request { model: "client-model" instructions: "b" })pb"};
  for (const std::string& call : calls) {
    leaser_.WillGrant(Grant("l"));
    upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
    ASSERT_TRUE(Generate(call).ok());
  }
  EXPECT_EQ(leaser_.acquired[0].affinity_key(), leaser_.acquired[1].affinity_key());
  EXPECT_NE(leaser_.acquired[1].affinity_key(), leaser_.acquired[2].affinity_key());
  const auto& open = upstream_.calls.at(0)->sent.at(0).open();
  EXPECT_EQ(open.canonical().cache().session_id(), open.session_id());
}

}  // namespace
}  // namespace patchbay::frontend
