// Turns on sockets through the real engine, with a scripted upstream worker.
#include "workers/frontend/responses_socket/turn_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/unit/workers/frontend/engine/fakes.h"
#include "workers/frontend/dialects/openai_responses/relay/raw_responses.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr const char* kOpened = "opened { head { status: 101 } }";
constexpr const char* kText = R"(frames { frames: '{"text":"Hello"}' })";
constexpr const char* kEnd = R"(turn_end { usage { output_tokens: 2 } })";
constexpr const char* kBusyEnd =
    R"(turn_end { failure { stage: FAILURE_STAGE_STATUS http_status: 429 code: "rate_limit_exceeded" } })";

// What one socket was sent, kept after it is gone.
struct SocketRecord {
  std::vector<upstream::v1::SocketRequest> sent;
  bool cancelled = false;
};

// Says `opened` when asked to open, and the next turn's replies when a turn has come whole.
class FakeSocketCaller final : public SocketCaller {
 public:
  explicit FakeSocketCaller(asio::io_context& io) : io_(io) {}

  void WillOpen(std::string opened, std::vector<std::vector<std::string>> turns) {
    scripts_.push_back({std::move(opened), {turns.begin(), turns.end()}});
  }
  Awaitable<std::unique_ptr<SocketStream>> OpenSocket() override {
    EXPECT_FALSE(scripts_.empty()) << "a socket nobody expected";
    sockets.push_back(std::make_shared<SocketRecord>());
    auto stream = std::make_unique<Stream>(io_, std::move(scripts_.front()), sockets.back());
    scripts_.pop_front();
    co_return stream;
  }

  std::vector<std::shared_ptr<SocketRecord>> sockets;

 private:
  struct Script {
    std::string opened;
    std::deque<std::vector<std::string>> turns;
  };
  struct State {
    State(asio::io_context& io, Script s, std::shared_ptr<SocketRecord> r)
        : script(std::move(s)), record(std::move(r)), changed(io.get_executor()) {}
    Script script;
    std::shared_ptr<SocketRecord> record;
    async::Event changed;
    std::deque<std::string> ready;
    std::size_t missing = 0;
  };
  class Stream final : public SocketStream {
   public:
    Stream(asio::io_context& io, Script script, std::shared_ptr<SocketRecord> record)
        : state_(std::make_shared<State>(io, std::move(script), std::move(record))) {}
    Awaitable<bool> Send(const upstream::v1::SocketRequest& message) override {
      State& state = *state_;
      if (state.record->cancelled) co_return false;
      state.record->sent.push_back(message);
      if (message.has_open()) state.ready.push_back(state.script.opened);
      if (message.has_turn()) state.missing = message.turn().total_bytes();
      if (message.has_chunk()) state.missing -= message.chunk().size();
      if (!message.has_open() && state.missing == 0) {
        for (std::string& reply : state.script.turns.front()) state.ready.push_back(std::move(reply));
        state.script.turns.pop_front();
      }
      state.changed.Notify();
      co_return true;
    }
    Awaitable<bool> CloseSend() override { co_return true; }
    Awaitable<bool> Receive(upstream::v1::SocketReply& message) override {
      const auto state = state_;
      while (state->ready.empty() && !state->record->cancelled) co_await state->changed.Wait();
      if (state->record->cancelled) co_return false;
      if (state->ready.front() == "gone") co_return false;
      message = FromText<upstream::v1::SocketReply>(state->ready.front());
      state->ready.pop_front();
      co_return true;
    }
    Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
    void Cancel() override {
      state_->record->cancelled = true;
      state_->changed.Notify();
    }

   private:
    std::shared_ptr<State> state_;
  };

  asio::io_context& io_;
  std::deque<Script> scripts_;
};

class TurnCallerTest : public ::testing::Test {
 protected:
  // A turn on the client's socket, run to its end.
  CallOutcome Turn(std::string previous = "", std::string body = R"({"model":"wire-model"})") {
    CallSpec spec;
    spec.request_id = "req";
    spec.call.model = "wire-model";
    spec.dialect = "openai_responses";
    spec.pinned_account = previous.empty() ? "" : caller_.socket()->account();
    spec.opens_socket = body.empty();
    if (body.empty()) spec.call.model.clear();
    spec.call.payload = RawRequest{&openai_responses::RawResponses(), std::move(body)};
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
  TurnCaller caller_{io_.get_executor(), sockets_, {.dialect = "openai_responses"}, [] {}};
  Engine engine_{time_, leaser_, caller_};
};

TEST_F(TurnCallerTest, OpensASocketUnderALeaseThatIsNotCounted) {
  leaser_.WillGrant(GrantForOpening("l1"));
  sockets_.WillOpen(kOpened, {});
  EXPECT_EQ(Turn("", "").ending, CallOutcome::Ending::kCompleted);
  ASSERT_NE(caller_.socket(), nullptr);
  EXPECT_TRUE(caller_.socket()->alive());
  EXPECT_TRUE(leaser_.acquired[0].opens_socket());
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

TEST_F(TurnCallerTest, TakesADeclinedUpgradeForNobodysFault) {
  leaser_.WillGrant(GrantForOpening("l1"));
  sockets_.WillOpen("opened { head { status: 426 } failure { stage: FAILURE_STAGE_STATUS http_status: 426 } }", {});
  EXPECT_EQ(Turn("", "").ending, CallOutcome::Ending::kCompleted);
  EXPECT_TRUE(caller_.declined());
  EXPECT_EQ(caller_.socket(), nullptr);
  EXPECT_THAT(leaser_.retried, SizeIs(0));
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
