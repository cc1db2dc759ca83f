#include "workers/frontend/recorder/recorder.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "lib/testing/fake_time.h"

namespace patchbay::frontend {
namespace {

class RecorderTest : public ::testing::Test {
 protected:
  // Asks, without waiting.
  RecordingPtr Next() {
    RecordingPtr got;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { got = co_await recorder_.Next(std::chrono::milliseconds(0)); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    io_.restart();
    io_.run();
    return got;
  }
  RecordingPtr Begin(std::string_view body = "{}") {
    return recorder_.Begin({.request_id = "req", .dialect = "d", .path = "/p", .originator = "o"}, body);
  }
  void End(RecordingPtr recording) { recorder_.End(std::move(recording), "m", 200, "completed", ""); }

  asio::io_context io_;
  testing::FakeTime time_;
  Recorder recorder_{io_, time_};
};

TEST_F(RecorderTest, KeepsNothingWhileNobodyAsks) { EXPECT_EQ(Begin(), nullptr); }

TEST_F(RecorderTest, GivesACallToWhoeverAsksForTheNext) {
  EXPECT_EQ(Next(), nullptr);
  End(Begin("{\"a\":1}"));
  const auto recording = Next();
  ASSERT_NE(recording, nullptr);
  EXPECT_EQ(recording->request_id(), "req");
  EXPECT_EQ(recording->request_body(), "{\"a\":1}");
  EXPECT_EQ(recording->model(), "m");
  EXPECT_EQ(recording->status(), 200);
  EXPECT_EQ(Next(), nullptr) << "once";
}

TEST_F(RecorderTest, ForgetsAfterAWhileThatSomebodyHasAsked) {
  EXPECT_EQ(Next(), nullptr);
  End(Begin());
  time_.Advance(Recorder::kLinger);
  EXPECT_EQ(Begin(), nullptr);
  EXPECT_EQ(Next(), nullptr) << "nobody came for it";
}

TEST_F(RecorderTest, CountsNoCallThatBeganBeforeAFreshQuestion) {
  EXPECT_EQ(Next(), nullptr);
  const auto before = Begin();
  recorder_.Clear();
  End(before);
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(RecorderTest, HoldsABoundedNumberAndDropsTheOldest) {
  EXPECT_EQ(Next(), nullptr);
  for (std::size_t i = 0; i <= Recorder::kMaxKept; ++i) End(Begin(std::to_string(i)));
  EXPECT_EQ(Next()->request_body(), "1");
}

TEST_F(RecorderTest, CutsWhatIsTooLargeAndSaysSo) {
  EXPECT_EQ(Next(), nullptr);
  End(Begin(std::string(Recorder::kMaxBytes + 1, 'x')));
  const auto recording = Next();
  EXPECT_EQ(recording->request_body().size(), Recorder::kMaxBytes);
  EXPECT_TRUE(recording->cut());
}

TEST_F(RecorderTest, WritesAFrameAsAnEventOfAStream) {
  gateway::v1::Recording recording;
  std::string kept;
  AppendFrame(kept, R"({"type":"a.b"})", recording);
  AppendFrame(kept, "no json", recording);
  EXPECT_EQ(kept, "event: a.b\ndata: {\"type\":\"a.b\"}\n\ndata: no json\n\n");
}

// Only the last attempt of a call is kept.
template <class Reply>
class Echo : public Reply {
 public:
  Result<void> End(std::string& out) override {
    out.append("end");
    return {};
  }
  void Break(const Problem&, std::string& out) override { out.append("break"); }
};
class EchoOfEvents final : public Echo<TranslatedReply> {
 public:
  Result<void> Event(const inference::v1::GenerateEvent&, std::string& out) override {
    out.append("event ");
    return {};
  }
};
class EchoOfBytes final : public Echo<RelayedReply> {
 public:
  Result<bool> Bytes(std::string_view bytes, std::string& out) override {
    out.append(bytes);
    return true;
  }
};

TEST(Recorded, NotesBothSidesOfTheLastAttempt) {
  const auto recording = std::make_shared<gateway::v1::Recording>();
  std::string out;
  ReplyPlan plan;
  plan.translated = [] { return std::make_unique<EchoOfEvents>(); };
  plan.relayed = [](const CallRoute&) { return std::make_unique<EchoOfBytes>(); };
  plan = Recorded(std::move(plan), recording);
  const auto first = plan.relayed({});
  EXPECT_TRUE(first->Bytes("lost", out).ok());
  EXPECT_EQ(recording->provider_bytes(), "lost");
  const auto second = plan.translated();
  EXPECT_TRUE(second->Event({}, out).ok());
  EXPECT_TRUE(second->End(out).ok());
  EXPECT_EQ(recording->provider_bytes(), "");
  EXPECT_EQ(recording->events_size(), 1);
  EXPECT_EQ(recording->response_body(), "event end");
}

}  // namespace
}  // namespace patchbay::frontend
