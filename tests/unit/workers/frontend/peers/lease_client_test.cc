#include "workers/frontend/peers/lease_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/async/spawn.h"
#include "tests/unit/workers/frontend/engine/fakes.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::LeaseReply;
using accounts::v1::LeaseRequest;
using std::chrono::milliseconds;
using ::testing::ElementsAre;

// One connection to an accounts worker that the test plays.
class FakeConnection {
 public:
  explicit FakeConnection(asio::io_context& io) : changed_(io.get_executor()) {}

  void Reply(const std::string& text) {
    replies_.push_back(FromText<LeaseReply>(text));
    changed_.Notify();
  }
  void Break() {
    broken = true;
    changed_.Notify();
  }

  std::vector<LeaseRequest> received;
  bool broken = false;

 private:
  friend class FakeStream;
  std::deque<LeaseReply> replies_;
  async::Event changed_;
};

class FakeStream final : public LeaseStream {
 public:
  FakeStream(std::shared_ptr<FakeConnection> connection, std::function<void()> on_request)
      : connection_(std::move(connection)), on_request_(std::move(on_request)) {}
  Awaitable<bool> Send(const accounts::v1::LeaseRequests& batch) override {
    if (connection_->broken) co_return false;
    connection_->received.insert(connection_->received.end(), batch.requests().begin(), batch.requests().end());
    on_request_();
    co_return true;
  }
  Awaitable<bool> CloseSend() override { co_return true; }
  Awaitable<bool> Receive(accounts::v1::LeaseReplies& batch) override {
    const auto connection = connection_;
    while (connection->replies_.empty() && !connection->broken) co_await connection->changed_.Wait();
    if (connection->replies_.empty()) co_return false;
    batch.Clear();
    for (auto& reply : connection->replies_) *batch.add_replies() = std::move(reply);
    connection->replies_.clear();
    co_return true;
  }
  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override { connection_->Break(); }

 private:
  std::shared_ptr<FakeConnection> connection_;
  std::function<void()> on_request_;
};

std::string KindOf(const LeaseRequest& request) {
  switch (request.kind_case()) {
    case LeaseRequest::kRedeclare: {
      std::string text = "redeclare";
      for (const auto& open : request.redeclare().open()) text += " " + open.lease_id();
      return text;
    }
    case LeaseRequest::kAcquire: return "acquire " + request.acquire().request_id();
    case LeaseRequest::kRetry: return "retry " + request.retry().lease_id();
    case LeaseRequest::kSettle: return "settle " + request.settle().lease_id();
    case LeaseRequest::kWithdraw: return "withdraw " + request.withdraw().request_id();
    case LeaseRequest::KIND_NOT_SET: break;
  }
  return "nothing";
}

class LeaseClientTest : public ::testing::Test {
 protected:
  LeaseClientTest() {
    async::Spawn(io_, "lease client", client_.Run());
    Spin();
  }
  ~LeaseClientTest() override {
    client_.Stop();
    Spin();
  }

  // Runs everything that can run without time passing, and the short pauses between connections.
  void Spin() {
    io_.restart();
    io_.run_for(milliseconds(0));
    while (io_.poll() > 0) {
    }
  }
  void SpinUntilConnected(std::size_t connections) {
    while (connections_.size() < connections) {
      io_.restart();
      io_.run_one();
    }
    Spin();
  }

  struct Asked {
    std::optional<Result<LeaseAnswer>> answer;
    Cancellation cancellation;
  };
  std::shared_ptr<Asked> Acquire(const std::string& id, milliseconds max_wait = milliseconds(60'000)) {
    auto asked = std::make_shared<Asked>();
    accounts::v1::Acquire request;
    request.set_request_id(id);
    request.set_model("m");
    request.set_client_key_id("k");
    request.set_max_output_tokens(9);
    async::Spawn(io_, "acquire", AcquireInto(asked, std::move(request), max_wait));
    Spin();
    return asked;
  }
  Awaitable<void> AcquireInto(std::shared_ptr<Asked> asked, accounts::v1::Acquire request, milliseconds max_wait) {
    asked->answer.emplace(co_await client_.Acquire(std::move(request), max_wait, asked->cancellation));
  }
  std::vector<std::string> Received(std::size_t connection) {
    std::vector<std::string> kinds;
    for (const auto& request : connections_.at(connection)->received) kinds.push_back(KindOf(request));
    return kinds;
  }
  static Lease& LeaseOf(Asked& asked) { return std::get<Lease>(asked.answer->value()); }

  asio::io_context io_;
  std::vector<std::shared_ptr<FakeConnection>> connections_;
  LeaseClient client_{io_.get_executor(), [this]() -> Awaitable<std::unique_ptr<LeaseStream>> {
                        connections_.push_back(std::make_shared<FakeConnection>(io_));
                        co_return std::make_unique<FakeStream>(connections_.back(), [] {});
                      }};
};

TEST_F(LeaseClientTest, BeginsEveryConnectionWithARedeclaration) {
  EXPECT_THAT(Received(0), ElementsAre("redeclare"));
  EXPECT_TRUE(client_.connected());
}

TEST_F(LeaseClientTest, HandsAGrantToTheRequestItIsFor) {
  const auto a = Acquire("a"), b = Acquire("b");
  connections_[0]->Reply(R"(granted { request_id: "b" lease_id: "lb" })");
  Spin();
  EXPECT_FALSE(a->answer);
  ASSERT_TRUE(b->answer);
  EXPECT_EQ(LeaseOf(*b).granted().lease_id(), "lb");
  connections_[0]->Reply(R"(denied { request_id: "a" reason: DENY_REASON_NO_ACCOUNT })");
  Spin();
  ASSERT_TRUE(a->answer);
  EXPECT_TRUE(std::holds_alternative<accounts::v1::Denied>(a->answer->value()));
}

TEST_F(LeaseClientTest, SettlesAsAbandonedALeaseThatGoesOutOfScope) {
  const auto asked = Acquire("a");
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "la" account: "acc" })");
  Spin();
  asked->answer.reset();
  Spin();
  const auto& settle = connections_[0]->received.back().settle();
  EXPECT_EQ(settle.lease_id(), "la");
  EXPECT_EQ(settle.outcome(), accounts::v1::OUTCOME_ABANDONED);
  EXPECT_EQ(settle.account(), "acc");
}

TEST_F(LeaseClientTest, SendsEverythingOpenAgainAfterAccountsRestarted) {
  const auto held = Acquire("held"), settled = Acquire("settled");
  connections_[0]->Reply(R"(granted { request_id: "held" lease_id: "lh" account: "acc" fallback_model: "small" })");
  connections_[0]->Reply(R"(granted { request_id: "settled" lease_id: "ls" })");
  Spin();
  settled->answer.reset();
  const auto waiting = Acquire("waiting");
  connections_[0]->Break();
  SpinUntilConnected(2);
  EXPECT_THAT(Received(1), ElementsAre("redeclare lh", "settle ls", "acquire waiting"));
  const auto& open = connections_[1]->received[0].redeclare().open(0);
  EXPECT_EQ(open.account(), "acc");
  EXPECT_EQ(open.client_key_id(), "k");
  EXPECT_EQ(open.model(), "m");
  EXPECT_EQ(open.fallback_model(), "small");
  EXPECT_EQ(open.max_output_tokens(), 9);
  connections_[1]->Reply(R"(granted { request_id: "waiting" lease_id: "lw" })");
  Spin();
  EXPECT_TRUE(waiting->answer && waiting->answer->ok());
}

TEST_F(LeaseClientTest, ForgetsASettlementOnlyWhenItIsAcknowledged) {
  const auto asked = Acquire("a");
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "la" })");
  Spin();
  asked->answer.reset();
  EXPECT_EQ(client_.unacknowledged(), 1u);
  connections_[0]->Reply(R"(settled { lease_id: "la" })");
  Spin();
  EXPECT_EQ(client_.unacknowledged(), 0u);
  connections_[0]->Break();
  SpinUntilConnected(2);
  EXPECT_THAT(Received(1), ElementsAre("redeclare"));
}

TEST_F(LeaseClientTest, WithdrawsWhenTheClientLeaves) {
  const auto asked = Acquire("a");
  asked->cancellation.Cancel(Cancellation::Reason::kClientGone);
  Spin();
  ASSERT_TRUE(asked->answer);
  EXPECT_EQ(asked->answer->error().code, ErrorCode::kCancelled);
  EXPECT_THAT(Received(0), ElementsAre("redeclare", "acquire a", "withdraw a"));
}

TEST_F(LeaseClientTest, GivesBackAGrantThatCameTooLate) {
  const auto asked = Acquire("a");
  asked->cancellation.Cancel(Cancellation::Reason::kClientGone);
  Spin();
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "la" })");
  Spin();
  EXPECT_EQ(Received(0).back(), "settle la");
  EXPECT_TRUE(connections_[0]->received.back().settle().uncounted()) << "no call was made";
}

TEST_F(LeaseClientTest, EndsTheOldLeaseWhenARetryIsAnswered) {
  const auto asked = Acquire("a");
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "l1" })");
  Spin();
  std::optional<Result<LeaseAnswer>> answer;
  Cancellation cancellation;
  const auto retry = [&]() -> Awaitable<void> {
    answer.emplace(co_await client_.Retry(std::move(LeaseOf(*asked)), {}, {}, milliseconds(60'000), cancellation));
  };
  async::Spawn(io_, "retry", retry());
  Spin();
  EXPECT_EQ(Received(0).back(), "retry l1");
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "l2" })");
  Spin();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ(client_.open_leases(), 1u);
  EXPECT_EQ(client_.unacknowledged(), 0u) << "its row is the next lease's";
}

TEST_F(LeaseClientTest, SettlesTheOldLeaseWhenARetryIsDenied) {
  const auto asked = Acquire("a");
  connections_[0]->Reply(R"(granted { request_id: "a" lease_id: "l1" account: "acc_1" })");
  Spin();
  std::optional<Result<LeaseAnswer>> answer;
  Cancellation cancellation;
  const auto retry = [&]() -> Awaitable<void> {
    accounts::v1::Settle otherwise;
    otherwise.set_outcome(accounts::v1::OUTCOME_FAILED);
    otherwise.set_attempts(2);
    answer.emplace(co_await client_.Retry(std::move(LeaseOf(*asked)), {}, std::move(otherwise), milliseconds(60'000),
                                          cancellation));
  };
  async::Spawn(io_, "retry", retry());
  Spin();
  connections_[0]->Reply(R"(denied { request_id: "a" reason: DENY_REASON_ATTEMPTS })");
  Spin();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_TRUE(std::holds_alternative<accounts::v1::Denied>(**answer));
  EXPECT_EQ(Received(0).back(), "settle l1");
  const auto& settle = connections_[0]->received.back().settle();
  EXPECT_EQ(settle.account(), "acc_1");
  EXPECT_EQ(settle.attempts(), 2);
  EXPECT_EQ(settle.outcome(), accounts::v1::OUTCOME_FAILED);
  EXPECT_EQ(client_.open_leases(), 0u);
  EXPECT_EQ(client_.unacknowledged(), 1u) << "until its row is durable";
}

TEST_F(LeaseClientTest, DropsTheOldestSettlementBeyondItsBound) {
  for (std::size_t i = 0; i <= LeaseClient::kMaxUnacknowledgedSettles; ++i) {
    accounts::v1::Settle settle;
    settle.set_lease_id("l" + std::to_string(i));
    client_.Settle(settle);
  }
  EXPECT_EQ(client_.unacknowledged(), LeaseClient::kMaxUnacknowledgedSettles);
}

}  // namespace
}  // namespace patchbay::frontend
