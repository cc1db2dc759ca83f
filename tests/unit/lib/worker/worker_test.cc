// A worker's program from its start to its exit code: the stub, and a supervisor that the test plays.
#include "lib/worker/worker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cstdlib>
#include <filesystem>

#include "lib/base/descriptor.h"
#include "lib/base/exit.h"
#include "tests/unit/lib/worker/played_supervisor.h"

namespace patchbay::worker {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class WorkerMainTest : public PlayedSupervisor {
 protected:
  Awaitable<Result<void>> Supervise(std::shared_ptr<Stream> stream) override {
    v1::WorkerReport report;
    v1::SupervisorOrder order;
    while (co_await stream->Receive(report)) {
      if (report.has_hello()) {
        told_.push_back("hello " + report.hello().worker() + " " + std::to_string(report.hello().generation()));
        order.mutable_configuration()->set_state_dir(state_dir_);
        order.mutable_configuration()->mutable_config()->mutable_server()->mutable_drain_timeout()->set_seconds(30);
        co_await stream->Send(order);
        order.mutable_peers()->set_token_issuer_key(issuer_->public_key());
        co_await stream->Send(order);
      } else if (report.has_ready()) {
        told_.emplace_back("ready");
        if (leaves_) co_return Result<void>();
        for (const int number : signals_) kill(pid_, number);
        if (!signals_.empty()) continue;
        order.mutable_drain()->mutable_deadline()->set_seconds(5);
        co_await stream->Send(order);
      } else if (report.has_drained()) {
        told_.emplace_back("drained");
      }
    }
    co_return Result<void>();
  }

  std::vector<std::string> AsSupervised() {
    return {"PATCHBAY_SUPERVISOR=" + Address(), "PATCHBAY_WORKER=stub-2", "PATCHBAY_GENERATION=7",
            "PATCHBAY_ROLE_TOKEN=" + Token(rpc::Role::kExtra, "stub-2", 7).Reveal()};
  }
  // Runs the stub to its end: its exit code, or minus the signal that ended it. What it wrote is in output_.
  int RunStub(std::vector<std::string> environment, std::vector<std::string> arguments = {}) {
    int ends[2];
    PATCHBAY_CHECK(pipe2(ends, O_CLOEXEC) == 0);
    Descriptor write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), 2);
    const std::string program =
        (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lib_worker_stub").string();
    arguments.insert(arguments.begin(), program);
    for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
      if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
    }
    PATCHBAY_CHECK(posix_spawn(&pid_, program.c_str(), &actions, nullptr, Pointers(arguments).data(),
                               Pointers(environment).data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    write_end.Close();
    output_.clear();
    RunToEnd([&]() { return ReadAll(ends[0]); });
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }
  Awaitable<void> ReadAll(int fd) {
    asio::posix::stream_descriptor pipe(io_, fd);
    char buffer[4096];
    for (;;) {
      boost::system::error_code error;
      const std::size_t count =
          co_await pipe.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
      output_.append(buffer, count);
      if (error) co_return;
    }
  }

  std::string state_dir_ = "/state";
  std::vector<int> signals_;  // once it is ready; without any it is told to drain
  bool leaves_ = false;       // the supervisor, once the worker is ready
  pid_t pid_ = 0;
  std::string output_;
};

TEST_F(WorkerMainTest, LivesFromItsHelloToItsDrain) {
  EXPECT_EQ(RunStub(AsSupervised()), kExitDrained) << output_;
  EXPECT_THAT(told_, ElementsAre("hello stub-2 7", "ready", "drained"));
}

TEST_F(WorkerMainTest, DrainsBySigtermAndLeavesCtrlCToTheSupervisor) {
  signals_ = {SIGINT, SIGTERM};
  EXPECT_EQ(RunStub(AsSupervised()), kExitDrained) << output_;
  EXPECT_THAT(told_, ElementsAre("hello stub-2 7", "ready", "drained"));
}

TEST_F(WorkerMainTest, EndsSoonAfterItsSupervisor) {
  leaves_ = true;
  EXPECT_EQ(RunStub(AsSupervised()), kExitTemporary) << output_;
}

TEST_F(WorkerMainTest, SaysWhyItDoesNotStart) {
  state_dir_ = "";
  EXPECT_EQ(RunStub(AsSupervised()), kExitRefused);
  EXPECT_THAT(output_, AllOf(HasSubstr("worker.start_failed"), HasSubstr("no state directory"),
                             HasSubstr("\"level\":\"error\"")));
  EXPECT_THAT(told_, ElementsAre("hello stub-2 7"));
}

TEST_F(WorkerMainTest, MayWorkLaterWhenTheSupervisorIsNotThere) {
  auto environment = AsSupervised();
  environment[0] += ".nobody";
  EXPECT_EQ(RunStub(environment), kExitTemporary);
}

TEST_F(WorkerMainTest, SaysWhoStartsItWhenAPersonDid) {
  EXPECT_EQ(RunStub({}), kExitUsage);
  EXPECT_THAT(output_, HasSubstr("patchbayd starts it"));
  EXPECT_EQ(RunStub({}, {"--nonsense"}), kExitUsage);
  EXPECT_THAT(output_, HasSubstr("--nonsense"));
  EXPECT_EQ(RunStub({}, {"--help"}), 0);
  EXPECT_THAT(output_, StartsWith("The stub worker"));
}

}  // namespace
}  // namespace patchbay::worker
