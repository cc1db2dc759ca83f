#include "supervisor/life/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "lib/time/proto_time.h"
#include "tests/unit/supervisor/probe.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class ProcessTest : public ::testing::Test {
 protected:
  std::shared_ptr<Process> Start(std::vector<std::string> arguments = {"wait"}) {
    ChildRequest request;
    request.executable = ProbePath();
    request.arguments = std::move(arguments);
    process_ = Process::Start(io_, clock_, logs_, request, {"probe", 4, 0}).value();
    process_->OnExit([this](Exit exit) { exits_.push_back(Describe(exit)); });
    return process_;
  }
  // Its signal handler is installed.
  void WaitForWord() {
    ASSERT_TRUE(RunUntil([&] { return !logs_.Tail("probe", 1).empty(); }));
  }
  void Attach() { process_->link = std::make_shared<Link>(io_.get_executor()); }
  void TearDown() override {
    process_->Kill();
    EXPECT_TRUE(RunUntil([&] { return !process_->running(); }));
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + seconds(30);
    while (!done() && std::chrono::steady_clock::now() < limit) io_.run_one_for(milliseconds(100));
    return done();
  }
  std::string End() {
    EXPECT_TRUE(RunUntil([&] { return !exits_.empty(); }));
    return exits_.empty() ? "" : exits_.front();
  }

  asio::io_context io_{1};
  SystemClock clock_;
  LogHub logs_{io_};
  std::shared_ptr<Process> process_;
  std::vector<std::string> exits_;
};

TEST_F(ProcessTest, TellsItsEndOnceAndLogsWhatItWrote) {
  const auto process = Start({"report"});
  EXPECT_TRUE(process->running());
  EXPECT_EQ(process->worker(), "probe");
  EXPECT_EQ(process->generation(), 4);
  EXPECT_EQ(End(), "exit 0 (drained)");
  EXPECT_FALSE(process->running());
  ASSERT_TRUE(RunUntil([&] { return logs_.Tail("probe", 10).size() == 2; }));
  const std::string word = logs_.Tail("probe", 1).front();
  EXPECT_THAT(word, HasSubstr("and a word on stderr"));
  EXPECT_THAT(word, HasSubstr("\"pid\":" + std::to_string(process->pid())));
  process->Kill();
  process->Stop(milliseconds(0));  // neither reaches whoever has the number now
  EXPECT_EQ(exits_.size(), 1u);
}

TEST_F(ProcessTest, AsksBySignalBeforeItIsAttachedAndByAnOrderAfter) {
  Start();
  WaitForWord();
  process_->Stop(seconds(60));
  EXPECT_EQ(process_->stop_step(), StopStep::kAskedToDrain);
  EXPECT_EQ(End(), "exit 0 (drained)");

  exits_.clear();
  Start();
  Attach();
  process_->Stop(seconds(60));
  ASSERT_EQ(process_->link->orders.size(), 1u);
  EXPECT_EQ(ToMilliseconds(process_->link->orders.front().drain().deadline()), seconds(60));
  io_.run_for(milliseconds(20));
  EXPECT_TRUE(process_->running()) << "it has its time";
}

TEST_F(ProcessTest, IsAskedOnceAndOnlyEverSooner) {
  Start();
  WaitForWord();
  Attach();
  process_->Stop(seconds(60));
  process_->Stop(seconds(600));
  EXPECT_EQ(process_->link->orders.size(), 1u);
  process_->Stop(milliseconds(0));
  EXPECT_EQ(End(), "exit 0 (drained)") << "by SIGTERM, for it did not obey the order";
  EXPECT_EQ(process_->stop_step(), StopStep::kTerminated);
}

TEST_F(ProcessTest, CanBeKilledAtAnyStep) {
  Start({"stubborn"});
  WaitForWord();
  process_->Stop(seconds(60));
  process_->Kill();
  EXPECT_EQ(End(), "killed by SIGKILL");
  EXPECT_EQ(process_->stop_step(), StopStep::kKilled);
}

TEST_F(ProcessTest, SaysThatItIsReadyOnceAndThenHasNoStartTimeout) {
  Start();
  bool late = false;
  process_->OnStartTimeout(milliseconds(1), [&] { late = true; });
  EXPECT_TRUE(process_->MarkReady());
  EXPECT_FALSE(process_->MarkReady());
  io_.run_for(milliseconds(30));
  EXPECT_FALSE(late);
}

TEST_F(ProcessTest, HasAStartTimeoutWhileItIsNotReady) {
  Start();
  bool late = false;
  process_->OnStartTimeout(milliseconds(1), [&] { late = true; });
  EXPECT_TRUE(RunUntil([&] { return late; }));
}

TEST_F(ProcessTest, IsStoppedWhenItGoesOnWithoutItsStream) {
  Start();
  WaitForWord();
  process_->OnDetached();
  EXPECT_EQ(process_->stop_step(), StopStep::kRunning) << "its own end may be on the way";
  EXPECT_EQ(End(), "exit 0 (drained)");
}

TEST_F(ProcessTest, KeepsItsDeadlineWhenItsStreamEndsWhileItDrains) {
  Start();
  WaitForWord();
  Attach();
  process_->Stop(seconds(60));
  process_->OnDetached();
  io_.run_for(Process::kDetachedPatience + milliseconds(100));
  EXPECT_TRUE(process_->running());
  EXPECT_EQ(process_->stop_step(), StopStep::kAskedToDrain);
}

}  // namespace
}  // namespace patchbay::supervisor
