#include "workers/frontend/responses_socket/upstream_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/responses_socket/fakes.h"

namespace patchbay::frontend {
namespace {

class UpstreamSocketTest : public ::testing::Test {
 protected:
  ~UpstreamSocketTest() override {
    if (socket_) socket_->Cancel();
    Go();
  }
  // The socket that `caller_` opens by its script.
  bool Open() {
    bool opened = false;
    asio::co_spawn(
        io_,
        [&]() -> Awaitable<void> {
          std::unique_ptr<SocketStream> stream = co_await caller_.OpenSocket();
          socket_ = std::make_shared<UpstreamSocket>(io_.get_executor(), std::move(stream), [this] { ++changes_; });
          upstream::v1::SocketOpen open;
          open.set_account("acc");
          opened = co_await socket_->Open(std::move(open));
        },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    return opened;
  }
  bool Turn(const std::string& frame) {
    bool sent = false;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { sent = co_await socket_->SendTurn(upstream::v1::Turn(), frame); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    return sent;
  }
  UpstreamSocket::Item Next() {
    UpstreamSocket::Item item;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { item = co_await socket_->Next(); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    return item;
  }
  void Go() {
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  FakeSocketCaller caller_{io_};
  std::shared_ptr<UpstreamSocket> socket_;
  int changes_ = 0;
};

TEST_F(UpstreamSocketTest, TellsATurnItsFramesAndThenItsEnd) {
  caller_.WillOpen(kOpened, {{kText, kEnd}});
  ASSERT_TRUE(Open());
  EXPECT_EQ(socket_->account(), "acc");
  ASSERT_TRUE(Turn("frame"));
  EXPECT_EQ(std::get<UpstreamSocket::Frame>(Next()), R"({"text":"Hello"})");
  EXPECT_EQ(std::get<upstream::v1::End>(Next()).usage().output_tokens(), 2);
}

TEST_F(UpstreamSocketTest, SendsALargeFrameInPieces) {
  caller_.WillOpen(kOpened, {{kEnd}});
  ASSERT_TRUE(Open());
  const std::string frame(2 * UpstreamSocket::kChunkBytes + 1, 'x');
  ASSERT_TRUE(Turn(frame));
  std::string sent;
  for (const auto& message : caller_.sockets.at(0)->sent) sent += message.chunk();
  EXPECT_EQ(sent, frame);
  EXPECT_EQ(caller_.sockets[0]->sent.size(), 5u) << "open, turn, three pieces";
}

TEST_F(UpstreamSocketTest, SaysWhyItWasNotOpened) {
  caller_.WillOpen("opened { head { status: 429 } failure { stage: FAILURE_STAGE_STATUS http_status: 429 } }", {});
  EXPECT_FALSE(Open());
  EXPECT_EQ(socket_->opened().failure().http_status(), 429);
  EXPECT_FALSE(socket_->alive());
}

TEST_F(UpstreamSocketTest, KeepsFramesBetweenTwoTurnsForWhoeverLooks) {
  caller_.WillOpen(kOpened, {{kText, kEnd, R"(frames { frames: "idle" })"}});
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Turn("frame"));
  EXPECT_EQ(socket_->TakeIdleFrame(), std::nullopt) << "a turn runs";
  Next();
  Next();
  EXPECT_EQ(socket_->TakeIdleFrame(), "idle");
  EXPECT_EQ(socket_->TakeIdleFrame(), std::nullopt);
}

TEST_F(UpstreamSocketTest, EndsARunningTurnWithTheSocket) {
  caller_.WillOpen(kOpened, {{R"(closed { code: 1001 reason: "bye" })"}});
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Turn("frame"));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(Next()));
  EXPECT_EQ(socket_->closed()->code, 1001);
  EXPECT_GT(changes_, 0);
  EXPECT_FALSE(Turn("another"));
}

TEST_F(UpstreamSocketTest, IsSilentOnceItIsCancelled) {
  caller_.WillOpen(kOpened, {});
  ASSERT_TRUE(Open());
  socket_->Cancel();
  Go();
  EXPECT_EQ(changes_, 0);
  EXPECT_TRUE(caller_.sockets.at(0)->cancelled);
}

}  // namespace
}  // namespace patchbay::frontend
