#include "workers/frontend/http/http_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/testing/fake_time.h"
#include "tests/unit/workers/frontend/engine/fakes.h"
#include "tests/unit/workers/frontend/http/fake_exchange.h"

namespace patchbay::frontend {
namespace {

// Writes the text of each delta, and its own marks.
class PlainEncoder final : public TranslatedReply {
 public:
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    out.append(event.text_delta().text());
    return {};
  }
  Result<void> End(std::string& out) override {
    out.append("<end>");
    return {};
  }
  void Break(const Problem& problem, std::string& out) override { out.append("<" + problem.message + ">"); }
  std::string_view Heartbeat() const override { return "<beat>"; }
};

class HttpReplyTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kHeartbeat{16};

  void Begin(bool stream, std::chrono::milliseconds heartbeat = kHeartbeat) {
    ReplyPlan plan;
    plan.stream = stream;
    plan.translated = [] { return std::make_unique<PlainEncoder>(); };
    reply_ = std::make_shared<HttpReply>(io_.get_executor(), time_, exchange_, std::move(plan), ReplyHead("m", {}),
                                         heartbeat);
    reply_->BeginAttempt(Grant("l"), {});
  }
  void Say(const std::string& text) {
    inference::v1::GenerateEvent event;
    event.mutable_text_delta()->set_text(text);
    ASSERT_TRUE(reply_->TakeEvent(event).ok());
  }
  void Go() {
    io_.restart();
    io_.poll();
  }
  template <class T>
  T Await(Awaitable<T> task) {
    std::optional<T> value;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { value.emplace(co_await std::move(task)); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Go();
    EXPECT_TRUE(value);
    return std::move(*value);
  }

  asio::io_context io_;
  testing::FakeTime time_;
  std::shared_ptr<FakeExchange> exchange_ =
      std::make_shared<FakeExchange>("POST", "/", std::map<std::string, std::string>(), "");
  std::shared_ptr<HttpReply> reply_;
};

TEST_F(HttpReplyTest, HoldsEverythingBackUntilItIsCommitted) {
  Begin(true);
  Say("a");
  Go();
  EXPECT_EQ(exchange_->status, 0);
  reply_->Commit();
  EXPECT_TRUE(Await(reply_->Flush()));
  EXPECT_EQ(exchange_->output, "a");
  EXPECT_TRUE(Await(reply_->Complete()).ok());
  EXPECT_EQ(exchange_->output, "a<end>");
  EXPECT_EQ(reply_->bytes(), exchange_->output.size());
}

TEST_F(HttpReplyTest, ForgetsAnEarlierAttempt) {
  Begin(true);
  Say("lost");
  reply_->BeginAttempt(Grant("l2"), {});
  Say("kept");
  EXPECT_TRUE(Await(reply_->Complete()).ok());
  EXPECT_EQ(exchange_->output, "kept<end>");
}

TEST_F(HttpReplyTest, SendsAWholeAnswerAtItsEndOnly) {
  Begin(false);
  EXPECT_FALSE(reply_->streams());
  Say("a");
  EXPECT_FALSE(Await(reply_->Break(Problem(Problem::Kind::kProvider, "broken")))) << "the caller writes an error";
  EXPECT_TRUE(Await(reply_->Complete()).ok());
  EXPECT_EQ(exchange_->output, "a<end>");
  EXPECT_EQ(exchange_->headers["content-type"], "application/json");
  EXPECT_EQ(exchange_->writes, 0);
}

TEST_F(HttpReplyTest, SaysSomethingInEverySilenceOfAStream) {
  Begin(true);
  reply_->Commit();
  Go();
  EXPECT_EQ(exchange_->status, 200) << "the head goes out alone";
  time_.Advance(kHeartbeat);
  Go();
  EXPECT_EQ(exchange_->output, "<beat>");
  time_.Advance(kHeartbeat / 2);
  Say("a");
  EXPECT_TRUE(Await(reply_->Flush()));
  time_.Advance(kHeartbeat / 2);
  Go();
  EXPECT_EQ(exchange_->output, "<beat>a") << "a period counts from the last write on";
  time_.Advance(kHeartbeat / 2);
  Go();
  EXPECT_EQ(exchange_->output, "<beat>a<beat>");
  EXPECT_TRUE(Await(reply_->Complete()).ok());
}

TEST_F(HttpReplyTest, SaysNothingInASilenceWhenHeartbeatsAreOff) {
  Begin(true, std::chrono::milliseconds(0));
  reply_->Commit();
  Go();
  EXPECT_EQ(time_.pending(), 0u);
  EXPECT_TRUE(Await(reply_->Complete()).ok());
}

TEST_F(HttpReplyTest, EndsABrokenStreamInTheDialectsWords) {
  Begin(true);
  reply_->Commit();
  Say("a");
  EXPECT_TRUE(Await(reply_->Break(Problem(Problem::Kind::kProvider, "broken"))));
  EXPECT_EQ(exchange_->output, "a<broken>");
  EXPECT_TRUE(exchange_->finished);
}

TEST_F(HttpReplyTest, SeesThatTheClientIsGone) {
  Begin(true);
  exchange_->leave_after = "a";
  reply_->Commit();
  Say("a");
  Await(reply_->Flush());
  EXPECT_FALSE(Await(reply_->Flush()));
}

}  // namespace
}  // namespace patchbay::frontend
