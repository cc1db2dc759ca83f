#include "workers/frontend/gateway/http_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "lib/testing/run.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::HttpPiece;
using ::testing::SizeIs;

struct FakePieces final : RelayPieces {
  Awaitable<bool> Receive(HttpPiece& piece) override {
    if (coming.empty()) co_return false;
    piece = std::move(coming.front());
    coming.pop_front();
    co_return true;
  }
  Awaitable<bool> Send(const HttpPiece& piece) override {
    if (gone) co_return false;
    sent.push_back(piece);
    co_return true;
  }
  void Cancel() override { cancelled = true; }
  void OnCancelled(std::function<void()> callback) override { leave = std::move(callback); }

  std::deque<HttpPiece> coming;
  std::vector<HttpPiece> sent;
  std::function<void()> leave;
  bool cancelled = false, gone = false;
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
    exchange_ = std::make_unique<RelayExchange>(std::move(first), "ollama", bytes_max, pieces_);
    return *exchange_;
  }

  asio::io_context io_;
  const std::shared_ptr<FakePieces> pieces_ = std::make_shared<FakePieces>();
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
