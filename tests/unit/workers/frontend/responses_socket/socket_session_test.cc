#include "workers/frontend/responses_socket/socket_session.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/frontend/responses_socket/socket_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SocketSessionTest : public SocketTest {};

TEST_F(SocketSessionTest, RunsEachTurnUnderALeaseOfItsOwn) {
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillOpen(kOpened, {{kAnswer, kEnd}, {kAnswer, kEnd}});
  const auto client = Connect();
  EXPECT_EQ(client->exchange->status, 101);
  client->socket->Says(kCreate);
  Go();
  EXPECT_THAT(client->socket->written, ElementsAre(HasSubstr("output_text.delta"), HasSubstr("response.completed")));
  client->socket->Says(kContinue);
  Go();
  EXPECT_THAT(client->socket->written, SizeIs(4));
  ASSERT_THAT(leaser_.acquired, SizeIs(3));
  EXPECT_TRUE(leaser_.acquired[0].on_socket());
  EXPECT_EQ(leaser_.acquired[1].request_id(), "req.1");
  EXPECT_EQ(leaser_.acquired[2].request_id(), "req.2");
  EXPECT_EQ(leaser_.acquired[2].pinned_account(), "acc") << "only its socket remembers";
  EXPECT_EQ(leaser_.acquired[2].source(), "192.0.2.7");
  EXPECT_THAT(leaser_.settled, SizeIs(3));
  client->socket->Leaves();
  Go();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->outcome->turns, 2);
}

TEST_F(SocketSessionTest, RunsEachTurnByTheTermsThatItsKeyHasThen) {
  auto terms = std::make_shared<accounts::v1::KeyTerms>();
  key_now_ = [&](const ClientKey& key) {
    ClientKey now = key;
    now.terms = std::make_shared<const accounts::v1::KeyTerms>(*terms);
    return now;
  };
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillOpen(kOpened, {{kAnswer, kEnd}, {kAnswer, kEnd}});
  const auto client = Connect();
  const std::string turn = R"({"type":"response.create","model":"wire-model","max_output_tokens":70,"input":[]})";
  client->socket->Says(turn);
  Go();
  terms->set_tokens_per_minute(1000);
  client->socket->Says(turn);
  Go();
  ASSERT_THAT(leaser_.acquired, SizeIs(3));
  EXPECT_EQ(leaser_.acquired[1].max_output_tokens(), 0) << "no term of the key was about tokens";
  EXPECT_EQ(leaser_.acquired[2].max_output_tokens(), 70);
}

TEST_F(SocketSessionTest, AnswersTheUpgradeWithAStatusWhenNoAccountCanServeIt) {
  leaser_.WillDeny(accounts::v1::DENY_REASON_NO_ACCOUNT);
  const auto client = Connect();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->outcome->problem->kind, Problem::Kind::kNoAccount);
  EXPECT_EQ(client->exchange->status, 0) << "the caller answers";
}

TEST_F(SocketSessionTest, SendsTheClientToHttpWhenTheProviderHasNoSocketsNow) {
  GrantOpening();
  leaser_.WillDeny(accounts::v1::DENY_REASON_PATH);
  upstream_.WillOpen("opened { head { status: 426 } failure { stage: FAILURE_STAGE_STATUS http_status: 426 } }", {});
  const auto client = Connect();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->outcome->decline->code, "websocket_declined");
}

TEST_F(SocketSessionTest, AsksForTheWholeConversationWhenTheAccountThatRemembersCannotGoOn) {
  GrantOpening();
  leaser_.WillDeny(accounts::v1::DENY_REASON_EXHAUSTED);
  upstream_.WillOpen(kOpened, {});
  const auto client = Connect();
  client->socket->Says(kContinue);
  Go();
  EXPECT_THAT(client->socket->written, ElementsAre(HasSubstr("previous_response_not_found")));
  EXPECT_TRUE(upstream_.sockets.at(0)->cancelled) << "its socket is of no use any more";
}

TEST_F(SocketSessionTest, EndsATurnWhoseClientHasLeft) {
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillOpen(kOpened, {{}});  // and nothing is said
  const auto client = Connect();
  client->socket->Says(kCreate);
  Go();
  client->socket->Leaves();
  Go();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(leaser_.settled.back().outcome(), accounts::v1::OUTCOME_ABANDONED);
  EXPECT_FALSE(leaser_.settled.back().has_failure());
}

TEST_F(SocketSessionTest, RefusesAFrameThatIsNoneAndGoesOn) {
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillOpen(kOpened, {{kAnswer, kEnd}});
  const auto client = Connect();
  client->socket->Says("no json");
  client->socket->Says(kCreate);
  Go();
  ASSERT_THAT(client->socket->written, SizeIs(3));
  EXPECT_THAT(client->socket->written[0], HasSubstr(R"("type":"error")"));
}

TEST_F(SocketSessionTest, ClosesASocketThatIsIdleForTooLong) {
  GrantOpening();
  upstream_.WillOpen(kOpened, {});
  const auto client = Connect();
  time_.Advance(settings_.sockets.idle_timeout);
  Go();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->socket->close_code, close_code::kGoingAway);
}

TEST_F(SocketSessionTest, ClosesWithItsProvidersSocket) {
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillOpen(kOpened, {{kAnswer, kEnd, R"(closed { code: 1001 reason: "bye" })"}});
  const auto client = Connect();
  client->socket->Says(kCreate);
  Go();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->socket->close_code, 1001);
  EXPECT_EQ(client->socket->close_reason, "bye");
}

// ---- turns over HTTP ----

constexpr const char* kHttpHead = "head { status: 200 }";
constexpr const char* kHttpEvents =
    R"(events { events { started { response_id: "theirs" } }
                events { text_delta { text: "Hello" } }
                events { item_done { item { message { role: ROLE_ASSISTANT parts { text: "Hello" } } } } }
                events { finished { reason: FINISH_REASON_STOP } } })";
constexpr const char* kHttpEnd = "end { usage { output_tokens: 1 } }";
constexpr const char* kHttpTurn =
    R"({"type":"response.create","model":"wire-model","store":false,"input":[{"type":"message","role":"user","content":"Hi"}]})";

accounts::v1::Granted ChatGrant(const std::string& lease) {
  auto granted = Grant(lease);
  granted.set_dialect("openai_chat");
  return granted;
}

// The id of the response that the frame ends.
std::string IdIn(const std::string& frame) {
  const std::size_t at = frame.find(R"("id":"resp_)");
  EXPECT_NE(at, std::string::npos) << frame;
  return frame.substr(at + 6, frame.find('"', at + 6) - at - 6);
}

class SocketOverHttpTest : public SocketTest {
 protected:
  std::shared_ptr<Client> ConnectWithoutSockets() {
    WillDenyOnSockets(accounts::v1::DENY_REASON_CAPABILITY);
    return Connect();
  }
  void WillDenyOnSockets(accounts::v1::DenyReason reason) {
    accounts::v1::Denied denied;
    denied.set_reason(reason);
    denied.set_without_socket(true);
    leaser_.WillDeny(std::move(denied));
  }
  void WillAnswer(const std::string& lease) {
    leaser_.WillGrant(ChatGrant(lease));
    calls_.WillAnswer({kHttpHead, kHttpEvents, kHttpEnd});
  }
  const inference::v1::GenerateRequest& Asked(std::size_t call) {
    return calls_.calls.at(call)->sent.at(0).open().canonical();
  }
};

TEST_F(SocketOverHttpTest, TakesAClientWhoseProvidersHaveNoSockets) {
  const auto client = ConnectWithoutSockets();
  EXPECT_EQ(client->exchange->status, 101);
  WillAnswer("l1");
  client->socket->Says(kHttpTurn);
  Go();
  const auto& written = client->socket->written;
  ASSERT_GE(written.size(), 4u);
  EXPECT_THAT(written.front(), HasSubstr(R"("type":"response.created")"));
  EXPECT_THAT(written.back(), HasSubstr(R"("type":"response.completed")"));
  EXPECT_THAT(written.back(), HasSubstr("Hello"));
  EXPECT_EQ(leaser_.acquired.at(1).request_id(), "req.1");
  EXPECT_FALSE(leaser_.acquired.at(1).needs_relay());
  EXPECT_EQ(leaser_.settled.back().outcome(), accounts::v1::OUTCOME_SUCCEEDED);
}

TEST_F(SocketOverHttpTest, TakesAClientWhereThoseWithSocketsCannotBeUsedNow) {
  WillDenyOnSockets(accounts::v1::DENY_REASON_THROTTLED);
  const auto client = Connect();
  EXPECT_EQ(client->exchange->status, 101);
  WillAnswer("l1");
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr(R"("type":"response.completed")"));
}

TEST_F(SocketOverHttpTest, AsksElsewhereForATurnThatFailedOnTheSocket) {
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  WillDenyOnSockets(accounts::v1::DENY_REASON_PATH);
  upstream_.WillOpen(kOpened, {{kBusyEnd}});
  const auto client = Connect();
  WillAnswer("l2");
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr(R"("type":"response.completed")"));
  for (const std::string& frame : client->socket->written) EXPECT_THAT(frame, ::testing::Not(HasSubstr("error\":{")));
  ASSERT_THAT(leaser_.retried, SizeIs(1));
}

TEST_F(SocketOverHttpTest, GoesOnFromWhatItAnsweredLast) {
  const auto client = ConnectWithoutSockets();
  WillAnswer("l1");
  client->socket->Says(kHttpTurn);
  Go();
  const std::string first = IdIn(client->socket->written.back());
  const std::string next = R"({"type":"response.create","model":"wire-model","previous_response_id":")" + first +
                           R"(","input":[{"type":"message","role":"user","content":"And?"}]})";
  WillAnswer("l2");
  client->socket->Says(next);
  Go();
  ASSERT_EQ(Asked(1).items_size(), 3);
  EXPECT_EQ(Asked(1).items(0).message().parts(0).text(), "Hi");
  EXPECT_EQ(Asked(1).items(1).message().parts(0).text(), "Hello");
  EXPECT_EQ(Asked(1).items(2).message().parts(0).text(), "And?");
  client->socket->Says(next);  // but not from the one before the last
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr("previous_response_not_found"));
}

TEST_F(SocketOverHttpTest, AsksForTheWholeConversationWhereItKnowsNothingOfThePreviousResponse) {
  const auto client = ConnectWithoutSockets();
  client->socket->Says(kContinue);
  Go();
  EXPECT_THAT(client->socket->written, ElementsAre(HasSubstr("previous_response_not_found")));
}

TEST_F(SocketOverHttpTest, WarmsUpWithoutAskingAnybody) {
  const auto client = ConnectWithoutSockets();
  client->socket->Says(R"({"type":"response.create","model":"wire-model","generate":false,"input":[]})");
  Go();
  EXPECT_THAT(client->socket->written, ElementsAre(HasSubstr("response.created"), HasSubstr("response.in_progress"),
                                                   HasSubstr("response.completed")));
  EXPECT_THAT(leaser_.acquired, SizeIs(1));
  WillAnswer("l1");
  client->socket->Says(R"({"type":"response.create","model":"wire-model","previous_response_id":")" +
                       IdIn(client->socket->written.back()) +
                       R"(","input":[{"type":"message","role":"user","content":"Hi"}]})");
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr("Hello"));
}

TEST_F(SocketOverHttpTest, RelaysToAProviderOfItsDialectEventByEvent) {
  const auto client = ConnectWithoutSockets();
  auto granted = Grant("l1");
  granted.set_dialect("openai_responses");
  leaser_.WillGrant(granted);
  calls_.WillAnswer(
      {kHttpHead,
       R"(chunk: "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n")",
       R"(chunk: "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"output\":[]}}\n\n")",
       kHttpEnd});
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written, ElementsAre(HasSubstr("response.created"), HasSubstr("output_text.delta"),
                                                   HasSubstr("response.completed")));
  const std::string& sent = calls_.calls.at(0)->sent.at(0).open().raw().begin();
  EXPECT_THAT(sent, ::testing::Not(HasSubstr("response.create")));
  EXPECT_THAT(sent, HasSubstr(R"("stream":true)"));
}

TEST_F(SocketOverHttpTest, LeavesNoTraceOfAnAttemptThatFailed) {
  const auto client = ConnectWithoutSockets();
  leaser_.WillGrant(ChatGrant("l1"));
  calls_.WillAnswer(
      {kHttpHead, R"(events { events { started { } } })", "end { failure { stage: FAILURE_STAGE_STREAM } }"});
  WillAnswer("l2");
  client->socket->Says(kHttpTurn);
  Go();
  std::size_t beginnings = 0;
  for (const std::string& frame : client->socket->written) {
    beginnings += frame.find(R"("type":"response.created")") == std::string::npos ? 0 : 1;
  }
  EXPECT_EQ(beginnings, 1u);
}

TEST_F(SocketOverHttpTest, EndsABrokenAnswerInTheProtocolsWordsAndGoesOn) {
  const auto client = ConnectWithoutSockets();
  leaser_.WillGrant(ChatGrant("l1"));
  calls_.WillAnswer({kHttpHead, R"(events { events { started { } } events { text_delta { text: "Hel" } } })",
                     "end { failure { stage: FAILURE_STAGE_STREAM } }"});
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr(R"("type":"response.failed")"));
  WillAnswer("l2");
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr("response.completed"));
}

// One account has sockets, but not this model.
TEST_F(SocketOverHttpTest, ServesAModelThatOnlyAProviderWithoutSocketsHas) {
  GrantOpening();
  upstream_.WillOpen(kOpened, {});
  const auto client = Connect();
  WillDenyOnSockets(accounts::v1::DENY_REASON_CAPABILITY);
  WillAnswer("l1");
  client->socket->Says(kHttpTurn);
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr("Hello"));
  EXPECT_TRUE(leaser_.acquired.at(1).needs_relay());
  EXPECT_TRUE(leaser_.acquired.at(1).on_socket());
  EXPECT_FALSE(leaser_.acquired.at(2).on_socket());
  EXPECT_FALSE(leaser_.acquired.at(2).needs_relay());
  WillAnswer("l2");
  client->socket->Says(R"({"type":"response.create","model":"wire-model","previous_response_id":")" +
                       IdIn(client->socket->written.back()) + R"(","input":[]})");
  Go();
  EXPECT_THAT(client->socket->written.back(), HasSubstr("response.completed"));
  EXPECT_EQ(Asked(1).items_size(), 2);
  EXPECT_FALSE(upstream_.sockets.at(0)->cancelled) << "its socket stays";
}

}  // namespace
}  // namespace patchbay::frontend
