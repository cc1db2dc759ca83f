#include "workers/frontend/recorder/bridged_calls.h"

#include <gtest/gtest.h>

#include "lib/testing/fake_time.h"
#include "lib/testing/run.h"

namespace patchbay::frontend {
namespace {

class BridgedCallsTest : public ::testing::Test {
 protected:
  // Asks, without waiting.
  RecordingPtr Next() {
    RecordingPtr got;
    testing::RunToEnd(io_, Ask(&got));
    return got;
  }
  Awaitable<void> Ask(RecordingPtr* got) { *got = co_await recorder_.Next(std::chrono::milliseconds(0)); }

  static gateway::v1::Recording Told(const std::string& id, const std::string& dialect = "ollama") {
    gateway::v1::Recording told;
    told.set_request_id(id);
    told.set_dialect(dialect);
    told.set_path("/api/chat");
    told.set_model("m:latest");
    told.set_status(200);
    told.set_stream(true);
    told.set_lines(true);
    told.set_request_body("{\"model\":\"m:latest\"}");
    told.set_response_body("{\"done\":true}\n");
    return told;
  }

  asio::io_context io_;
  testing::FakeTime time_;
  Recorder recorder_{io_, time_};
  BridgedCalls calls_{recorder_};
};

TEST_F(BridgedCallsTest, KeepNothingWhileNobodyAsks) {
  EXPECT_EQ(calls_.Begin("r1", "worker:ollama"), nullptr);
  EXPECT_EQ(calls_.open(), 0u);
}

TEST_F(BridgedCallsTest, AreWholeWhenBothSidesAreKnownInWhicheverOrder) {
  EXPECT_EQ(Next(), nullptr);
  for (const bool told_first : {false, true}) {
    const auto begun = calls_.Begin("r1", "worker:ollama");
    ASSERT_NE(begun, nullptr);
    begun->add_events()->mutable_started();
    if (told_first) calls_.Tell("worker:ollama", Told("r1"));
    if (!told_first) calls_.Ended("r1", "completed", "");
    EXPECT_EQ(Next(), nullptr) << "one side is missing";
    if (told_first) calls_.Ended("r1", "completed", "");
    if (!told_first) calls_.Tell("worker:ollama", Told("r1"));
    const auto recording = Next();
    ASSERT_NE(recording, nullptr);
    EXPECT_EQ(recording->dialect(), "ollama");
    EXPECT_EQ(recording->path(), "/api/chat");
    EXPECT_EQ(recording->model(), "m:latest");
    EXPECT_EQ(recording->status(), 200);
    EXPECT_EQ(recording->ending(), "completed");
    EXPECT_TRUE(recording->stream() && recording->lines());
    EXPECT_EQ(recording->request_body(), "{\"model\":\"m:latest\"}");
    EXPECT_EQ(recording->response_body(), "{\"done\":true}\n");
    EXPECT_EQ(recording->events_size(), 1);
    EXPECT_EQ(calls_.open(), 0u);
  }
}

TEST_F(BridgedCallsTest, AreToldOfByWhoMadeThemAlone) {
  EXPECT_EQ(Next(), nullptr);
  calls_.Begin("r1", "worker:ollama");
  calls_.Ended("r1", "completed", "");
  calls_.Tell("worker:ollama:den", Told("r1"));
  calls_.Tell("worker:ollama", Told("r2"));
  EXPECT_EQ(Next(), nullptr);
  EXPECT_EQ(calls_.open(), 1u);
  calls_.Forget("r1");
  calls_.Tell("worker:ollama", Told("r1"));
  EXPECT_EQ(Next(), nullptr);
  EXPECT_EQ(calls_.open(), 0u);
}

TEST_F(BridgedCallsTest, TakeNoMoreThanARecordingHolds) {
  EXPECT_EQ(Next(), nullptr);
  calls_.Begin("r1", "b");
  calls_.Ended("r1", "refused", "unknown_model");
  gateway::v1::Recording told = Told("r1", "../../x");
  told.set_request_body(std::string(Recorder::kMaxBytes + 1, 'x'));
  told.set_model(std::string(5000, 'm'));
  calls_.Tell("b", told);
  const auto recording = Next();
  ASSERT_NE(recording, nullptr);
  EXPECT_EQ(recording->request_body().size(), Recorder::kMaxBytes);
  EXPECT_TRUE(recording->cut());
  EXPECT_EQ(recording->dialect(), "gateway") << "it becomes a part of a folder's name";
  EXPECT_EQ(recording->model(), "?");
  EXPECT_EQ(recording->problem(), "unknown_model");
}

TEST_F(BridgedCallsTest, ForgetTheOldestForANewOne) {
  EXPECT_EQ(Next(), nullptr);
  for (std::size_t i = 0; i <= BridgedCalls::kMaxOpen; ++i) calls_.Begin("r" + std::to_string(i), "b");
  EXPECT_EQ(calls_.open(), BridgedCalls::kMaxOpen);
  calls_.Ended("r0", "completed", "");
  calls_.Tell("b", Told("r0"));
  EXPECT_EQ(Next(), nullptr);
  time_.Advance(Recorder::kLinger);
  EXPECT_EQ(calls_.Begin("r", "b"), nullptr);
  EXPECT_EQ(calls_.open(), 0u) << "nobody comes for them";
}

TEST_F(BridgedCallsTest, ForgetOneThatIsOverBeforeOneThatRuns) {
  EXPECT_EQ(Next(), nullptr);
  for (std::size_t i = 0; i < BridgedCalls::kMaxOpen; ++i) calls_.Begin("r" + std::to_string(i), "b");
  calls_.Ended("r1", "failed", "unknown_model");
  calls_.Begin("r", "b");
  calls_.Tell("b", Told("r1"));
  EXPECT_EQ(Next(), nullptr) << "forgotten";
  calls_.Ended("r0", "completed", "");
  calls_.Tell("b", Told("r0"));
  EXPECT_NE(Next(), nullptr) << "the oldest, which ran";
}

}  // namespace
}  // namespace patchbay::frontend
