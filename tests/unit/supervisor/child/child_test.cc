#include "supervisor/child/child.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "lib/base/descriptor.h"
#include "supervisor/child/child_environment.h"
#include "tests/unit/supervisor/probe.h"

namespace patchbay::supervisor {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Ran {
  std::string output;
  int wait_status = 0;
  pid_t pid = 0;
};

// Runs it to its end.
Ran RunToEnd(ChildRequest request) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  request.output = write_end.get();
  Result<pid_t> pid = StartChild(request);
  EXPECT_TRUE(pid.ok());
  write_end.Close();
  Ran ran;
  ran.pid = *pid;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(read_end.get(), buffer, sizeof(buffer))) > 0;) ran.output.append(buffer, count);
  waitpid(ran.pid, &ran.wait_status, 0);
  return ran;
}

json Report(ChildRequest request) {
  request.executable = ProbePath();
  request.arguments = {"report"};
  const Ran ran = RunToEnd(std::move(request));
  return json::parse(ran.output.substr(0, ran.output.find('\n')));
}

Descriptor Socket() { return Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

std::string Target(int fd) {
  char target[256] = {};
  EXPECT_GT(readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof(target) - 1), 0);
  return target;
}

std::vector<std::string> Keys(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(Spawn, GivesTheChildExactlyItsDescriptors) {
  const Descriptor first = Socket();
  const Descriptor second = Socket();
  // What must not leak, although somebody forgot its close-on-exec flag.
  const Descriptor forgotten(dup(first.get()));
  ChildRequest request;
  request.listeners = {first.get(), second.get()};
  const json report = Report(std::move(request));
  const json& descriptors = report["descriptors"];
  EXPECT_THAT(Keys(descriptors), ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(descriptors["0"], "/dev/null");
  EXPECT_THAT(descriptors["1"].get<std::string>(), StartsWith("pipe:"));
  EXPECT_EQ(descriptors["1"], descriptors["2"]);
  EXPECT_EQ(descriptors["3"], Target(first.get()));
  EXPECT_EQ(descriptors["4"], Target(second.get()));
}

TEST(Spawn, PutsListenersInOrderEvenWhenTheySitInEachOthersPlaces) {
  // The listeners are opened so that at least one of them has a number that another one must get.
  std::vector<Descriptor> sockets;
  for (int i = 0; i < 6; ++i) sockets.push_back(Socket());
  ChildRequest request;
  for (auto socket = sockets.rbegin(); socket != sockets.rend(); ++socket) request.listeners.push_back(socket->get());
  const json report = Report(request);
  for (std::size_t i = 0; i < request.listeners.size(); ++i) {
    EXPECT_EQ(report["descriptors"][std::to_string(3 + i)], Target(request.listeners[i])) << i;
  }
  EXPECT_EQ(report["descriptors"].size(), 3 + request.listeners.size());
}

TEST(Spawn, GivesTheChildExactlyItsEnvironmentAndItsOwnPid) {
  ChildRequest request;
  request.environment = {"A=1", "LISTEN_PID=0000000000", "B=2"};
  const json report = Report(std::move(request));
  EXPECT_THAT(report["environment"].get<std::vector<std::string>>(),
              ElementsAre("A=1", "LISTEN_PID=" + std::to_string(report["pid"].get<int>()), "B=2"));
}

TEST(Spawn, AsksTheChildToDrainWhenTheSupervisorDies) { EXPECT_EQ(Report({})["death_signal"], SIGTERM); }

TEST(Spawn, LetsTheChildGainNoPrivileges) { EXPECT_EQ(Report({})["no_new_privileges"], 1); }

TEST(Spawn, PutsTheChildIntoAGroupOfItsOwn) {
  const json report = Report({});
  EXPECT_EQ(report["group"], report["pid"]);
}

TEST(Spawn, LeavesNoSignalBlockedOrIgnored) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t some;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR1);
  sigprocmask(SIG_BLOCK, &some, nullptr);
  const json report = Report({});
  sigprocmask(SIG_UNBLOCK, &some, nullptr);
  EXPECT_EQ(report["blocked_signals"], 0);
  EXPECT_EQ(report["ignored_signals"], 0);
}

TEST(Spawn, AllowsNoCoreDumpAndManyFiles) {
  const json report = Report({});
  EXPECT_EQ(report["core_limit"], 0);
  EXPECT_EQ(report["files_raised"], true);
}

TEST(Spawn, BringsStandardOutputAndErrorBackOnOnePipe) {
  ChildRequest request;
  request.executable = ProbePath();
  request.arguments = {"report"};
  EXPECT_THAT(RunToEnd(std::move(request)).output, AllOf(HasSubstr("descriptors"), HasSubstr("and a word on stderr")));
}

TEST(Spawn, LetsTheChildSayWhyItCouldNotBeExecuted) {
  ChildRequest request;
  request.executable = "/nonexistent/program";
  const Ran ran = RunToEnd(std::move(request));
  EXPECT_EQ(WEXITSTATUS(ran.wait_status), kExitNotExecuted);
  EXPECT_EQ(ran.output, "cannot execute /nonexistent/program: No such file or directory\n");
}

TEST(Spawn, SendsSigtermToTheChildWhenItsParentIsKilled) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t parent = fork();
  if (parent == 0) {
    ChildRequest request;
    request.executable = ProbePath();
    request.arguments = {"wait"};
    request.output = write_end.get();
    (void)StartChild(request);
    pause();
    _exit(0);
  }
  write_end.Close();
  char word[16] = {};
  ASSERT_GT(read(read_end.get(), word, sizeof(word)), 0);  // the grandchild is up
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_EQ(read(read_end.get(), word, sizeof(word)), 0);  // and its end of the pipe is closed: it has ended
}

}  // namespace
}  // namespace patchbay::supervisor
