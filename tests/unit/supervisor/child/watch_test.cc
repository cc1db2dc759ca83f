#include "supervisor/child/watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "supervisor/child/child.h"
#include "tests/unit/supervisor/probe.h"

namespace patchbay::supervisor {
namespace {

class ChildWatchTest : public ::testing::Test {
 protected:
  void Start(std::vector<std::string> arguments) {
    ChildRequest request;
    request.executable = ProbePath();
    request.arguments = std::move(arguments);
    request.output = STDOUT_FILENO;
    pid_ = StartChild(request).value();
    watch_ = ChildWatch::Start(io_, pid_).value();
    watch_->OnExit([this](Exit exit) { ends_.push_back(Describe(exit)); });
  }
  std::string End() {
    io_.restart();
    io_.run_for(std::chrono::seconds(10));
    EXPECT_EQ(ends_.size(), 1u);
    return ends_.empty() ? "" : ends_.front();
  }

  asio::io_context io_;
  pid_t pid_ = 0;
  std::unique_ptr<ChildWatch> watch_;
  std::vector<std::string> ends_;
};

TEST_F(ChildWatchTest, TellsTheCodeOfAChildThatExits) {
  Start({"exit", "70"});
  EXPECT_EQ(End(), "exit 70 (our bug)");
}

TEST_F(ChildWatchTest, TellsTheSignalThatEndedAChild) {
  Start({"stubborn"});
  EXPECT_TRUE(watch_->Signal(SIGKILL));
  EXPECT_EQ(End(), "killed by SIGKILL");
}

TEST_F(ChildWatchTest, ReapsTheChildAndNeverSignalsWhoHasItsNumberNext) {
  Start({"exit", "0"});
  End();
  EXPECT_EQ(kill(pid_, 0), -1) << "no zombie is left";
  EXPECT_FALSE(watch_->Signal(SIGTERM));
}

TEST_F(ChildWatchTest, IsSilentOnceItIsGone) {
  Start({"exit", "0"});
  watch_.reset();
  io_.run_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(ends_.empty());
  waitpid(pid_, nullptr, 0);
}

TEST_F(ChildWatchTest, CannotWatchWhoIsNotThere) {
  const auto watch = ChildWatch::Start(io_, -1);
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ(watch.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::supervisor
