#include "workers/frontend/responses_socket/socket_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/workers/frontend/responses_socket/fakes.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kCreated = R"({"type":"response.created","response":{"id":"r"}})";
constexpr const char* kDelta = R"({"type":"response.output_text.delta","output_index":0,"delta":"x"})";
constexpr const char* kDone = R"({"type":"response.completed","response":{"id":"r","output":[{"type":"message"}]}})";

class SocketReplyTest : public ::testing::Test {
 protected:
  ~SocketReplyTest() override {
    writer_->Stop();
    Written();
  }
  std::vector<std::string> Written() {
    io_.restart();
    io_.poll();
    return socket_->written;
  }
  SocketReply Reply(bool codex, std::vector<std::string> ignored = {}) {
    if (!std::exchange(started_, true)) writer_->Start();
    SocketReply reply(
        writer_, codex, request_, nullptr, [this](const std::string&) { return sight_; }, 1000);
    reply.BeginAttempt(Grant("l"), RouteWith(std::move(ignored)));
    return reply;
  }

  static CallRoute RouteWith(std::vector<std::string> ignored) {
    CallRoute route;
    route.relay = true;
    route.ignored = std::move(ignored);
    return route;
  }

  const std::shared_ptr<const openai_responses::ResponsesBytes> request_ =
      std::make_shared<const openai_responses::ResponsesBytes>(openai_responses::DecodedRequest(), HeaderList());
  QuotaSight sight_;  // the provider's own words pass
  bool started_ = false;
  asio::io_context io_;
  std::shared_ptr<FakeWebSocket> socket_ = std::make_shared<FakeWebSocket>(io_);
  std::shared_ptr<FrameWriter> writer_ = std::make_shared<FrameWriter>(io_.get_executor(), socket_);
};

TEST_F(SocketReplyTest, ShowsQuotaAsTheKeySays) {
  const std::string theirs =
      R"({"type":"codex.rate_limits","plan_type":"pro","rate_limits":{"primary":{"used_percent":77,"window_minutes":300}}})";
  accounts::v1::PoolQuota pool;
  pool.set_has_room(true);
  auto& window = *pool.add_windows();
  window.set_used_percent(41.9);
  window.mutable_length()->set_seconds(18000);
  window.mutable_resets_at()->set_seconds(4600);
  {
    SocketReply reply = Reply(/*codex=*/true);
    EXPECT_FALSE(*reply.TakeBytes(theirs));
    reply.Commit();
    EXPECT_THAT(Written(), ElementsAre(theirs));
  }
  sight_ = {false, std::make_shared<const accounts::v1::PoolQuota>(pool)};
  SocketReply ours = Reply(/*codex=*/true);
  EXPECT_FALSE(*ours.TakeBytes(theirs));
  ours.Commit();
  EXPECT_THAT(Written().back(),
              HasSubstr(R"("primary":{"used_percent":41,"window_minutes":300,"reset_after_seconds":3600)"));
  EXPECT_THAT(Written().back(), Not(HasSubstr("77")));
  const std::size_t before = Written().size();
  sight_ = {false, nullptr};
  SocketReply none = Reply(/*codex=*/true);
  EXPECT_FALSE(*none.TakeBytes(theirs));
  none.Commit();
  EXPECT_EQ(Written().size(), before);
}

TEST_F(SocketReplyTest, HoldsFramesBackUntilTheyAreCommitted) {
  SocketReply reply = Reply(/*codex=*/true);
  EXPECT_FALSE(*reply.TakeBytes(kCreated));
  EXPECT_TRUE(*reply.TakeBytes(kDelta));
  EXPECT_THAT(Written(), IsEmpty());
  reply.Commit();
  EXPECT_THAT(Written(), ElementsAre(kCreated, kDelta));
  EXPECT_FALSE(reply.ended());
  EXPECT_TRUE(reply.TakeBytes(kDone).ok());
  EXPECT_THAT(Written(), SizeIs(3));
  EXPECT_TRUE(reply.ended());
}

TEST_F(SocketReplyTest, LeavesNoTraceOfAnEarlierAttempt) {
  SocketReply reply = Reply(/*codex=*/true);
  EXPECT_TRUE(reply.TakeBytes(kDelta).ok());
  reply.BeginAttempt(Grant("l2"), RouteWith({}));
  reply.Commit();
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(SocketReplyTest, TellsFirstWhatWasIgnoredButNotCodex) {
  SocketReply reply = Reply(/*codex=*/false, {"temperature"});
  EXPECT_TRUE(reply.TakeBytes(kDelta).ok());
  reply.Commit();
  const auto written = Written();
  ASSERT_THAT(written, SizeIs(2));
  EXPECT_THAT(written[0], HasSubstr("patchbay.ignored"));
}

TEST_F(SocketReplyTest, TakesNoEvents) {
  SocketReply reply = Reply(/*codex=*/true);
  EXPECT_EQ(reply.TakeEvent({}).error().code, ErrorCode::kInternal);
}

TEST(DialSink, HasNothingToSayAndNothingToCommit) {
  DialSink sink;
  EXPECT_FALSE(sink.streams());
  EXPECT_FALSE(sink.TakeBytes("x").ok());
  EXPECT_FALSE(sink.TakeEvent({}).ok());
}

}  // namespace
}  // namespace patchbay::frontend
