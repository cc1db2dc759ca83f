// The worker's line beside a supervisor that the test plays.
#include "lib/worker/attachment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/lib/worker/played_supervisor.h"

namespace patchbay::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class AttachmentTest : public PlayedSupervisor {
 protected:
  // Writes down what it is told, and gives two orders after the first word.
  Awaitable<Result<void>> Supervise(std::shared_ptr<Stream> stream) override {
    v1::WorkerReport report;
    while (co_await stream->Receive(report)) {
      told_.push_back(NameOf(report));
      if (told_.size() > 1) continue;
      const std::vector<std::string> levels = {"debug", "warn"};
      for (const std::string& level : levels) {
        v1::SupervisorOrder order;
        order.mutable_log_level()->set_level(level);
        co_await stream->Send(order);
      }
      if (deaf_) {
        co_await ended_.Wait();
        break;
      }
    }
    ended_.Notify();
    co_return Result<void>();
  }
  static std::string NameOf(const v1::WorkerReport& report) {
    if (report.has_hello()) return "hello " + report.hello().worker();
    if (report.has_stats()) return "stats " + std::to_string(report.stats().in_flight());
    if (report.has_events()) {
      return "events " + std::to_string(report.events().events_size()) + ", lost " +
             std::to_string(report.events().lost());
    }
    return report.has_ready() ? "ready" : "another";
  }
  static v1::Hello Hello() {
    v1::Hello hello;
    hello.set_worker("w");
    return hello;
  }
  static v1::WorkerReport Ready() {
    v1::WorkerReport report;
    report.mutable_ready();
    return report;
  }
  static v1::WorkerReport Stats(int in_flight) {
    v1::WorkerReport report;
    report.mutable_stats()->set_in_flight(in_flight);
    return report;
  }

  bool deaf_ = false;
  async::Event ended_{io_.get_executor()};
  Attachment attachment_{reactor_, Address(), Token(rpc::Role::kFrontend, "w", 1)};
};

TEST_F(AttachmentTest, SaysHelloFirstAndEverythingInOrderBeforeItCloses) {
  RunToEnd([this]() -> Awaitable<void> {
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    attachment_.Report(Stats(1));
    attachment_.Report(Ready());
    co_await attachment_.Close(std::chrono::seconds(10));
    co_await ended_.Wait();
  });
  EXPECT_THAT(told_, ElementsAre("hello w", "stats 1", "ready"));
}

TEST_F(AttachmentTest, KeepsTheLatestNumbersOnlyWhileTheyWait) {
  RunToEnd([this]() -> Awaitable<void> {
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    for (int i = 1; i <= 3; ++i) attachment_.Report(Stats(i));
    attachment_.Report(Ready());
    attachment_.Report(Stats(4));
    co_await attachment_.Close(std::chrono::seconds(10));
    co_await ended_.Wait();
  });
  EXPECT_THAT(told_, ElementsAre("hello w", "ready", "stats 4"));
}

TEST_F(AttachmentTest, TellsEventsTogetherAndHowManyOfThemAreLost) {
  RunToEnd([this]() -> Awaitable<void> {
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    for (int i = 0; i < 1003; ++i) attachment_.Tell({});
    attachment_.Report(Ready());
    co_await attachment_.Close(std::chrono::seconds(10));
    co_await ended_.Wait();
  });
  EXPECT_THAT(told_, ElementsAre("hello w", "ready", "events 1000, lost 3"));
}

TEST_F(AttachmentTest, HoldsABoundedNumberOfReports) {
  RunToEnd([this]() -> Awaitable<void> {
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    for (int i = 0; i < 1000; ++i) attachment_.Report(Ready());
    co_await attachment_.Close(std::chrono::seconds(10));
    co_await ended_.Wait();
  });
  EXPECT_EQ(told_.size(), 1u + 64u);
}

TEST_F(AttachmentTest, GivesOrdersUntilTheSupervisorIsGone) {
  RunToEnd([this]() -> Awaitable<void> {
    deaf_ = true;
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    std::vector<std::string> levels;
    v1::SupervisorOrder order;
    while (levels.size() < 2) {
      const bool more = co_await attachment_.NextOrder(order);
      if (!more) break;
      levels.push_back(order.log_level().level());
    }
    EXPECT_THAT(levels, ElementsAre("debug", "warn"));
    ended_.Notify();
    const bool more = co_await attachment_.NextOrder(order);
    EXPECT_FALSE(more);
    co_await attachment_.Close(std::chrono::seconds(10));  // so that the writer ends
  });
}

TEST_F(AttachmentTest, GivesUpItsLastWordsWhenNobodyReadsThem) {
  RunToEnd([this]() -> Awaitable<void> {
    deaf_ = true;
    const Result<void> open = co_await attachment_.Open(Hello());
    EXPECT_TRUE(open.ok());
    v1::WorkerReport long_one;
    long_one.mutable_configuration_applied()->set_error(std::string(32 << 20, 'x'));  // more than any buffer between
    for (int i = 0; i < 4; ++i) attachment_.Report(long_one);
    const auto begin = std::chrono::steady_clock::now();
    co_await attachment_.Close(milliseconds(50));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(50)) << "it had its time";
    ended_.Notify();
  });
}

TEST_F(AttachmentTest, SaysThatNobodyIsThere) {
  RunToEnd([this]() -> Awaitable<void> {
    Attachment lost(reactor_, Address() + ".nobody", Token(rpc::Role::kFrontend, "w", 1));
    const Result<void> open = co_await lost.Open(Hello());
    EXPECT_EQ(open.ok() ? ErrorCode::kInternal : open.error().code, ErrorCode::kUnavailable);
  });
}

}  // namespace
}  // namespace patchbay::worker
