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
  EXPECT_TRUE(leaser_.acquired[0].opens_socket());
  EXPECT_EQ(leaser_.acquired[1].request_id(), "req.1");
  EXPECT_EQ(leaser_.acquired[2].request_id(), "req.2");
  EXPECT_EQ(leaser_.acquired[2].pinned_account(), "acc") << "only its socket remembers";
  EXPECT_THAT(leaser_.settled, SizeIs(3));
  client->socket->Leaves();
  Go();
  ASSERT_TRUE(client->outcome);
  EXPECT_EQ(client->outcome->turns, 2);
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

}  // namespace
}  // namespace patchbay::frontend
