// Turns on sockets through the real engine, with a scripted upstream worker.
#include "workers/frontend/responses_socket/turn_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/unit/workers/frontend/engine/fakes.h"
#include "tests/unit/workers/frontend/responses_socket/fakes.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class TurnCallerTest : public ::testing::Test {
 protected:
  // A turn on the client's socket, run to its end.
  CallOutcome Turn(std::string previous = "", std::string body = R"({"model":"wire-model"})") {
    CallSpec spec;
    spec.queue_wait = spec.total_timeout = spec.quiet_commit = std::chrono::minutes(1);
    spec.request_id = "req";
    spec.call.model = "wire-model";
    spec.dialect = "openai_responses";
    spec.pinned_account = previous.empty() ? "" : caller_.socket()->account();
    spec.opens_socket = body.empty();
    if (body.empty()) spec.call.model.clear();
    spec.call.payload = Payload(std::make_shared<const FakeClientBytes>(std::move(body)));
    caller_.Continue(std::move(previous));
    std::optional<CallOutcome> outcome;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { outcome = co_await engine_.Run(std::move(spec), sink_, cancellation_); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    while (!outcome && io_.run_one() > 0) {
    }
    return std::move(*outcome);
  }
  accounts::v1::Granted GrantForOpening(const std::string& lease, const std::string& account = "acc") {
    accounts::v1::Granted granted = Grant(lease, account);
    granted.clear_wire_model();
    return granted;
  }

  asio::io_context io_;
  async::LoopTime time_{io_};
  FakeLeaser leaser_;
  FakeSocketCaller sockets_{io_};
  RecordingSink sink_;
  std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  TurnCaller caller_{io_.get_executor(),
                     sockets_,
                     {.dialect = "openai_responses", .session_id = {}, .traceparent = {}, .forwarded_headers = {}},
                     [] {}};
  Engine engine_{time_, leaser_, caller_};
};

TEST_F(TurnCallerTest, OpensASocketUnderALeaseThatIsNotCounted) {
  leaser_.WillGrant(GrantForOpening("l1"));
  sockets_.WillOpen(kOpened, {});
  EXPECT_EQ(Turn("", "").ending, CallOutcome::Ending::kCompleted);
  ASSERT_NE(caller_.socket(), nullptr);
  EXPECT_TRUE(caller_.socket()->alive());
  EXPECT_TRUE(leaser_.acquired[0].on_socket());
  ASSERT_THAT(leaser_.settled, SizeIs(1));
  EXPECT_TRUE(leaser_.settled[0].uncounted());
}

TEST_F(TurnCallerTest, SettlesEveryTurnOnOneSocketByItself) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  sockets_.WillOpen(kOpened, {{kText, kEnd}, {kText, kEnd}});
  EXPECT_EQ(Turn().ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(Turn("resp_1").ending, CallOutcome::Ending::kCompleted);
  EXPECT_THAT(sockets_.sockets, SizeIs(1));
  EXPECT_EQ(leaser_.acquired[1].pinned_account(), "acc");
  ASSERT_THAT(leaser_.settled, SizeIs(2));
  for (const auto& settled : leaser_.settled) {
    EXPECT_EQ(settled.usage().output_tokens(), 2);
    EXPECT_FALSE(settled.uncounted());
  }
}

TEST_F(TurnCallerTest, MovesAWholeConversationToTheAccountOfItsNewLease) {
  leaser_.WillGrant(Grant("l1", "first"));
  leaser_.WillGrant(Grant("l2", "second"));
  sockets_.WillOpen(kOpened, {{kBusyEnd}});
  sockets_.WillOpen(kOpened, {{kText, kEnd}});
  EXPECT_EQ(Turn().ending, CallOutcome::Ending::kCompleted);
  ASSERT_THAT(sockets_.sockets, SizeIs(2));
  EXPECT_TRUE(sockets_.sockets[0]->cancelled) << "the first account's socket is closed";
  EXPECT_EQ(sockets_.sockets[1]->sent[0].open().account(), "second");
  EXPECT_EQ(caller_.socket()->account(), "second");
}

TEST_F(TurnCallerTest, NeverSendsAContinuationToASocketThatDoesNotRememberIt) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  leaser_.WillDeny(accounts::v1::DENY_REASON_REQUEST_FAULT);
  sockets_.WillOpen(kOpened, {{kText, kEnd}, {"gone"}});
  EXPECT_EQ(Turn().ending, CallOutcome::Ending::kCompleted);
  leaser_.WillGrant(Grant("l3"));
  // The upstream worker dies with the turn: the socket is over, and the retry finds none to go to.
  const CallOutcome outcome = Turn("resp_1");
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_THAT(sockets_.sockets, SizeIs(1)) << "no other socket was dialled";
  ASSERT_GE(leaser_.retried.size(), 1u);
  EXPECT_EQ(leaser_.retried[0].failure().stage(), inference::v1::FAILURE_STAGE_GATEWAY);
}

TEST_F(TurnCallerTest, LetsAccountsDecideAboutADeclinedUpgrade) {
  leaser_.WillGrant(GrantForOpening("l1"));
  leaser_.WillDeny(accounts::v1::DENY_REASON_PATH);
  sockets_.WillOpen("opened { head { status: 426 } failure { stage: FAILURE_STAGE_STATUS http_status: 426 } }", {});
  EXPECT_EQ(Turn("", "").ending, CallOutcome::Ending::kRefused);
  EXPECT_TRUE(caller_.declined());
  EXPECT_EQ(caller_.socket(), nullptr);
  EXPECT_EQ(leaser_.retried.at(0).failure().http_status(), 426);
}

TEST_F(TurnCallerTest, TriesTheNextAccountWhenAnUpgradeIsRefused) {
  leaser_.WillGrant(GrantForOpening("l1", "first"));
  leaser_.WillGrant(GrantForOpening("l2", "second"));
  sockets_.WillOpen("opened { head { status: 429 } failure { stage: FAILURE_STAGE_STATUS http_status: 429 } }", {});
  sockets_.WillOpen(kOpened, {});
  EXPECT_EQ(Turn("", "").ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(caller_.socket()->account(), "second");
  ASSERT_THAT(leaser_.retried, SizeIs(1));
  EXPECT_EQ(leaser_.retried[0].failure().http_status(), 429);
}

TEST_F(TurnCallerTest, KeepsAFrameBetweenTurnsForWhoeverLooks) {
  leaser_.WillGrant(Grant("l1"));
  sockets_.WillOpen(kOpened, {{kText, kEnd, R"(frames { frames: '{"type":"keepalive"}' })"}});
  EXPECT_EQ(Turn().ending, CallOutcome::Ending::kCompleted);
  io_.poll();
  EXPECT_EQ(caller_.socket()->TakeIdleFrame(), R"({"type":"keepalive"})");
  EXPECT_EQ(caller_.socket()->TakeIdleFrame(), std::nullopt);
}

TEST_F(TurnCallerTest, TellsHowTheProviderClosedItsSocket) {
  leaser_.WillGrant(Grant("l1"));
  sockets_.WillOpen(kOpened, {{kText, kEnd, R"(closed { code: 1001 reason: "idle" })"}});
  EXPECT_EQ(Turn().ending, CallOutcome::Ending::kCompleted);
  io_.poll();
  ASSERT_FALSE(caller_.socket()->alive());
  EXPECT_EQ(caller_.socket()->closed()->code, 1001);
  EXPECT_EQ(caller_.socket()->closed()->reason, "idle");
}

}  // namespace
}  // namespace patchbay::frontend
