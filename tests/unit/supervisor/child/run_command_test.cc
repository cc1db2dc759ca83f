#include "supervisor/child/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "lib/testing/run.h"

namespace patchbay::supervisor {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

class RunCommandTest : public ::testing::Test {
 protected:
  Result<void> Run(const std::string& script, const std::string& input = "", std::chrono::milliseconds limit = 10s) {
    ChildRequest request;
    request.executable = "/bin/sh";
    request.arguments = {"-c", script};
    request.environment = {"PATH=/usr/bin:/bin"};
    Result<void> result =
        patchbay::testing::Await(io_, RunCommand(io_, logs_, request, input, {"notification-ops", 0, 0}, limit));
    // What it wrote is logged by itself, and may come a moment after it ended.
    for (int i = 0; i < 10; ++i) {
      io_.restart();
      io_.run_for(std::chrono::milliseconds(5));
    }
    io_.restart();
    return result;
  }

  asio::io_context io_{1};
  LogHub logs_{io_};
};

TEST_F(RunCommandTest, GivesTheInputAndLogsTheOutput) {
  EXPECT_TRUE(Run("read line; echo got $line; echo to stderr >&2", "hello\n").ok());
  const auto logged = logs_.Tail("notification-ops", 10);
  EXPECT_THAT(logged, Contains(HasSubstr("got hello")));
  EXPECT_THAT(logged, Contains(HasSubstr("to stderr")));
}

TEST_F(RunCommandTest, SaysHowItEndedWhenThatIsNotWell) {
  EXPECT_EQ(Run("exit 3").error().message, "exit 3");
  EXPECT_THAT(Run("kill -9 $$").error().message, HasSubstr("SIGKILL"));
  ChildRequest nowhere;
  nowhere.executable = "/nonexistent/program";
  const auto result =
      patchbay::testing::Await(io_, RunCommand(io_, logs_, nowhere, "", {"notification-ops", 0, 0}, 10s));
  EXPECT_EQ(result.error().message, "exit 127 (cannot be executed)");
}

TEST_F(RunCommandTest, KillsItWithItsChildrenWhenItTakesTooLong) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(Run("sleep 60 & wait", "", 200ms).error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST_F(RunCommandTest, OneThatReadsNothingEndsAllTheSame) { EXPECT_TRUE(Run("exit 0", std::string(50'000, 'x')).ok()); }

}  // namespace
}  // namespace patchbay::supervisor
