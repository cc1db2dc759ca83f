#include "supervisor/logs/log_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace patchbay::supervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LogHub, GivesTheLastRecordsOfOneWorkerOrOfAll) {
  asio::io_context io;
  LogHub logs(io);
  RecordMaker a({"a", 1, 1});
  RecordMaker b({"b", 1, 2});
  logs.Line(a, "one");
  logs.Line(b, "two");
  logs.Line(a, "three");
  ASSERT_EQ(logs.Tail("a", 10).size(), 2u);
  EXPECT_THAT(logs.Tail("a", 1)[0], HasSubstr("three"));
  EXPECT_EQ(logs.Tail("", 10).size(), 3u);
}

TEST(LogHub, DropsASlowFollowersOldestRecordsAndCountsThem) {
  asio::io_context io;
  LogHub logs(io);
  RecordMaker a({"a", 1, 1});
  RecordMaker b({"b", 1, 2});
  const auto follower = logs.Follow("a");
  for (std::size_t i = 0; i < LogHub::kFollowerRecords + 5; ++i) logs.Line(a, "line " + std::to_string(i));
  logs.Line(b, "not for it");
  EXPECT_EQ(follower->records.size(), LogHub::kFollowerRecords);
  EXPECT_EQ(follower->dropped, 5);
  EXPECT_THAT(follower->records.front(), HasSubstr("line 5"));
}

TEST(LogHub, KeepsABoundedRing) {
  asio::io_context io;
  LogHub logs(io);
  for (std::size_t i = 0; i < LogHub::kRingRecords + 100; ++i) logs.Own(R"({"ts":"t"})");
  EXPECT_EQ(logs.Tail("", 1'000'000).size(), LogHub::kRingRecords);
}

// Takes the place of stdout.
class Taken final : public LogSink {
 public:
  explicit Taken(std::vector<std::string>& writes) : writes_(writes) {}
  void Write(std::string lines) override { writes_.push_back(std::move(lines)); }

 private:
  std::vector<std::string>& writes_;
};

TEST(LogHub, WritesAtOnceWhileNoEventLoopRuns) {
  asio::io_context io;
  LogHub logs(io);
  std::vector<std::string> writes;
  logs.Own("before");
  logs.SetSink(std::make_unique<Taken>(writes));
  logs.Own("after");
  EXPECT_THAT(writes, ElementsAre("before\n", "after\n"));
}

TEST(LogHub, WritesSeveralRecordsAtOnceWhileTheEventLoopRuns) {
  asio::io_context io;
  LogHub logs(io);
  std::vector<std::string> writes;
  logs.SetSink(std::make_unique<Taken>(writes));
  io.poll();
  logs.Own("one");
  logs.Own("two");
  EXPECT_THAT(writes, ElementsAre());
  io.restart();
  io.run();  // the batch's timer
  EXPECT_THAT(writes, ElementsAre("one\ntwo\n"));
}

TEST(LogHub, BoundsWhatWaitsForCompany) {
  asio::io_context io;
  LogHub logs(io);
  std::vector<std::string> writes;
  logs.SetSink(std::make_unique<Taken>(writes));
  io.poll();
  const std::string record(LogHub::kBatchBytes / 2, 'x');
  logs.Own(record);
  logs.Own(record);
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].size(), 2 * record.size() + 2);
}

TEST(LogHub, WritesWhatWaitsWhenItIsFlushed) {
  asio::io_context io;
  LogHub logs(io);
  std::vector<std::string> writes;
  logs.SetSink(std::make_unique<Taken>(writes));
  io.poll();
  logs.Own("last");
  logs.Flush();
  EXPECT_THAT(writes, ElementsAre("last\n"));
}

// As spdlog's thread is while nobody reads the pipe.
class Stalled final : public LogSink {
 public:
  explicit Stalled(std::future<void> end) : end_(std::move(end)) {}
  ~Stalled() override { end_.wait(); }
  void Write(std::string) override {}

 private:
  std::future<void> end_;
};

TEST(LogHub, WaitsOnlySoLongForAReaderThatStalls) {
  asio::io_context io;
  LogHub logs(io);
  std::promise<void> end;
  logs.SetSink(std::make_unique<Stalled>(end.get_future()));
  logs.Flush();
  end.set_value();
}

}  // namespace
}  // namespace patchbay::supervisor
