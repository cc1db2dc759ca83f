#include "workers/frontend/gateway/http_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "lib/async/event.h"
#include "lib/testing/fake_time.h"
#include "lib/testing/run.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::HttpPiece;
using ::testing::SizeIs;

struct FakePieces final : RelayPieces {
  explicit FakePieces(asio::io_context& io) : freed(io.get_executor()) {}
  Awaitable<bool> Receive(HttpPiece& piece) override {
    while (stalled && coming.empty() && !cancelled) co_await freed.Wait();
    if (cancelled || coming.empty()) co_return false;
    piece = std::move(coming.front());
    coming.pop_front();
    co_return true;
  }
  Awaitable<bool> Send(const HttpPiece& piece) override {
    while (stalled && !cancelled) co_await freed.Wait();
    if (gone || cancelled) co_return false;
    sent.push_back(piece);
    co_return true;
  }
  void Cancel() override {
    cancelled = true;
    freed.Notify();
  }
  void OnCancelled(std::function<void()> callback) override { leave = std::move(callback); }

  std::deque<HttpPiece> coming;
  std::vector<HttpPiece> sent;
  std::function<void()> leave;
  async::Event freed;  // cancelled, or no more stalled
  bool cancelled = false, gone = false;
  bool stalled = false;  // the caller sends nothing more for the moment, and takes nothing
};

HttpPiece BodyPiece(const std::string& bytes) {
  HttpPiece piece;
  piece.set_body(bytes);
  return piece;
}

class RelayExchangeTest : public ::testing::Test {
 protected:
  RelayExchange& Exchange(const std::string& body = "", std::size_t bytes_max = 10) {
    HttpPiece first = BodyPiece(body);
    first.mutable_head()->set_method("POST");
    first.mutable_head()->set_target("/v1/x?y=1");
    auto& header = *first.mutable_head()->add_headers();
    header.set_name("Content-Type");
    header.set_value("application/json");
    net::HttpLimits limits;
    limits.body_bytes = bytes_max;
    limits.body_timeout = kBodyTimeout;
    limits.write_timeout = kWriteTimeout;
    exchange_ = std::make_unique<RelayExchange>(std::move(first), "ollama", limits, pieces_, time_);
    return *exchange_;
  }
  // Lets `by` pass once everything waits, and a moment before that nothing.
  void PassIn(std::chrono::milliseconds by) {
    asio::post(io_, [this, by] {
      asio::post(io_, [this, by] {
        time_.Advance(by - std::chrono::milliseconds(1));
        EXPECT_FALSE(pieces_->cancelled);
        time_.Advance(std::chrono::milliseconds(1));
      });
    });
  }

  static constexpr std::chrono::milliseconds kBodyTimeout{700};
  static constexpr std::chrono::milliseconds kWriteTimeout{900};
  asio::io_context io_;
  testing::FakeTime time_;
  const std::shared_ptr<FakePieces> pieces_ = std::make_shared<FakePieces>(io_);
  std::unique_ptr<RelayExchange> exchange_;
};

TEST_F(RelayExchangeTest, ShowsTheHeadAsAListenerWould) {
  const net::HttpRequest& request = Exchange().request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/x?y=1");
  EXPECT_EQ(request.path, "/v1/x");
  EXPECT_EQ(request.query, "y=1");
  EXPECT_EQ(request.Find("content-type"), "application/json");
  EXPECT_EQ(request.remote_address, "ollama");
}

TEST_F(RelayExchangeTest, JoinsTheBody) {
  pieces_->coming = {BodyPiece("cd"), BodyPiece("ef")};
  EXPECT_EQ(*testing::Await(io_, Exchange("ab").ReadBody()), "abcdef");
}

TEST_F(RelayExchangeTest, BoundsTheBody) {
  pieces_->coming = {BodyPiece("0123456789"), BodyPiece("x")};
  EXPECT_EQ(testing::Await(io_, Exchange("a").ReadBody()).error().code, ErrorCode::kTooLarge);
}

TEST_F(RelayExchangeTest, SendsAWholeAnswerInOneMessage) {
  RelayExchange& exchange = Exchange();
  EXPECT_TRUE(testing::Await(io_, exchange.Respond(404, {{"A", "b"}}, "no")));
  ASSERT_THAT(pieces_->sent, SizeIs(1));
  EXPECT_EQ(pieces_->sent[0].head().status(), 404);
  EXPECT_EQ(pieces_->sent[0].head().headers(0).name(), "A");
  EXPECT_EQ(pieces_->sent[0].body(), "no");
  EXPECT_TRUE(pieces_->sent[0].last());
  EXPECT_TRUE(exchange.finished());
}

TEST_F(RelayExchangeTest, StreamsWithTheHeadInTheFirstMessage) {
  RelayExchange& exchange = Exchange();
  EXPECT_TRUE(testing::Await(io_, exchange.StartStream(200, {})));
  EXPECT_FALSE(exchange.response_started());
  EXPECT_TRUE(testing::Await(io_, exchange.Write("a")));
  EXPECT_TRUE(exchange.response_started());
  EXPECT_TRUE(testing::Await(io_, exchange.FinishStream("b")));
  ASSERT_THAT(pieces_->sent, SizeIs(2));
  EXPECT_TRUE(pieces_->sent[0].has_head());
  EXPECT_FALSE(pieces_->sent[0].last());
  EXPECT_FALSE(pieces_->sent[1].has_head());
  EXPECT_TRUE(pieces_->sent[1].last());
}

TEST_F(RelayExchangeTest, MayReplaceAStreamOfWhichNothingWasSent) {
  RelayExchange& exchange = Exchange();
  EXPECT_TRUE(testing::Await(io_, exchange.StartStream(200, {})));
  EXPECT_TRUE(testing::Await(io_, exchange.Respond(500, {}, "")));
  EXPECT_EQ(pieces_->sent.back().head().status(), 500);
  EXPECT_FALSE(testing::Await(io_, exchange.Respond(500, {}, "")));
}

TEST_F(RelayExchangeTest, CutsLargeBodiesIntoPieces) {
  const std::string large(RelayExchange::kPieceBytes * 2 + 1, 'x');
  EXPECT_TRUE(testing::Await(io_, Exchange().Respond(200, {}, large)));
  ASSERT_THAT(pieces_->sent, SizeIs(3));
  std::string joined;
  for (const auto& piece : pieces_->sent) joined.append(piece.body());
  EXPECT_EQ(joined, large);
  EXPECT_FALSE(pieces_->sent[1].last());
  EXPECT_TRUE(pieces_->sent[2].last());
}

TEST_F(RelayExchangeTest, WaitsForABodyNoLongerThanItMay) {
  pieces_->stalled = true;
  pieces_->coming = {BodyPiece("b")};
  RelayExchange& exchange = Exchange("a");
  PassIn(kBodyTimeout);
  const auto body = testing::Await(io_, exchange.ReadBody());
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(pieces_->cancelled);
  EXPECT_EQ(time_.pending(), 0u);
}

TEST_F(RelayExchangeTest, WaitsForACallerThatTakesNothingNoLongerThanItMay) {
  pieces_->stalled = true;
  RelayExchange& exchange = Exchange();
  PassIn(kWriteTimeout);
  EXPECT_FALSE(testing::Await(io_, exchange.Respond(200, {}, "x")));
  EXPECT_TRUE(pieces_->cancelled);
  EXPECT_FALSE(exchange.finished());
  EXPECT_EQ(time_.pending(), 0u);
}

TEST_F(RelayExchangeTest, KnowsThatTheCallerIsGone) {
  pieces_->gone = true;
  RelayExchange& exchange = Exchange();
  EXPECT_FALSE(testing::Await(io_, exchange.Respond(200, {}, "x")));
  EXPECT_FALSE(exchange.finished());
  bool told = false;
  exchange.OnDisconnect([&told] { told = true; });
  pieces_->leave();
  EXPECT_TRUE(told);
  exchange.Abort();
  EXPECT_TRUE(pieces_->cancelled);
}

}  // namespace
}  // namespace patchbay::frontend
