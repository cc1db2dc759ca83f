#include "workers/frontend/responses_socket/frame_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/responses_socket/fakes.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FrameWriterTest : public ::testing::Test {
 protected:
  FrameWriterTest() { writer_->Start(); }
  ~FrameWriterTest() override {
    writer_->Stop();
    socket_->Leaves();
    Go();
  }
  // Runs until nothing can go on; the flag says whether the task could.
  std::shared_ptr<bool> Spawn(Awaitable<void> task) {
    auto done = std::make_shared<bool>(false);
    asio::co_spawn(io_, std::move(task), [done](std::exception_ptr error) {
      ASSERT_FALSE(error);
      *done = true;
    });
    Go();
    return done;
  }
  void Go() {
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  std::shared_ptr<FakeWebSocket> socket_ = std::make_shared<FakeWebSocket>(io_);
  std::shared_ptr<FrameWriter> writer_ = std::make_shared<FrameWriter>(io_.get_executor(), socket_);
};

TEST_F(FrameWriterTest, WritesInOrderWithoutBeingWaitedFor) {
  writer_->Push("a");
  writer_->Push("");
  writer_->Push("b");
  Go();
  EXPECT_THAT(socket_->written, ElementsAre("a", "b"));
  EXPECT_EQ(writer_->bytes(), 2u);
}

TEST_F(FrameWriterTest, HasNoRoomWhileTheClientIsBehindByMoreThanItsBound) {
  socket_->stalled = true;
  writer_->Push("taken at once");
  Go();
  writer_->Push(std::string(FrameWriter::kMaxPendingBytes + 1, 'x'));
  const auto waited = Spawn([](auto writer) -> Awaitable<void> { co_await writer->Room(); }(writer_));
  EXPECT_FALSE(*waited);
  socket_->ReadsAgain();
  Go();
  EXPECT_TRUE(*waited);
}

TEST_F(FrameWriterTest, FinishesWhenEverythingHasGoneOut) {
  writer_->Push("last");
  const auto finished = Spawn([](auto writer) -> Awaitable<void> { co_await writer->Finish(); }(writer_));
  EXPECT_TRUE(*finished);
  EXPECT_THAT(socket_->written, ElementsAre("last"));
  writer_->Push("too late");
  Go();
  EXPECT_THAT(socket_->written, ElementsAre("last"));
}

TEST_F(FrameWriterTest, StopsWithAClientThatIsGone) {
  socket_->Leaves();
  writer_->Push("to nobody");
  Go();
  EXPECT_TRUE(writer_->gone());
  EXPECT_THAT(socket_->written, IsEmpty());
  EXPECT_TRUE(*Spawn([](auto writer) -> Awaitable<void> { co_await writer->Finish(); }(writer_)));
}

}  // namespace
}  // namespace patchbay::frontend
