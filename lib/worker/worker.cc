#include "lib/worker/worker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <exception>

#include "lib/async/spawn.h"
#include "lib/base/exit.h"
#include "lib/log/log.h"
#include "lib/worker/command_line.h"
#include "lib/worker/launch.h"
#include "lib/worker/runtime.h"

// Present in AddressSanitizer builds only.
extern "C" void __lsan_do_leak_check() __attribute__((weak));

namespace patchbay::worker {
namespace {

void PrepareProcess() {
  prctl(PR_SET_DUMPABLE, 0);  // no core dump and no ptrace: there may be secrets in memory
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);  // a terminal's Ctrl-C is the supervisor's to handle
}

int NotStarted(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return ExitCodeFor(error);
}

[[noreturn]] void ExitNow(int code) {
  log::Flush();
  if (__lsan_do_leak_check != nullptr) {
    prctl(PR_SET_DUMPABLE, 1);  // the leak checker looks at us with ptrace
    __lsan_do_leak_check();
  }
  _exit(code);
}

}  // namespace

int Main(int argc, char** argv, Options options, std::function<Result<void>(Runtime&)> build) {
  const Result<CommandLine> command_line = ParseCommandLine(argc, argv, options);
  if (!command_line.ok()) return NotStarted(command_line.error());
  if (!command_line->answer.empty()) {
    std::fputs(command_line->answer.c_str(), stdout);
    return 0;
  }
  Result<Launch> launch = TakeLaunch(options, *command_line);
  if (!launch.ok()) return NotStarted(launch.error());
  PrepareProcess();
  log::InitToStderr(launch->name);

  // Never destroyed: at the end the process exits as it stands. Everything durable was made so before the worker
  // said that it is drained, and coroutines that still wait hold nothing that the kernel does not take back.
  auto* io = new asio::io_context(1);
  auto* runtime = new RuntimeImpl(*io, std::move(launch).value());
  int exit_code = kExitBug;
  asio::co_spawn(*io, runtime->Live(std::move(build)), [&](const std::exception_ptr& exception, int code) {
    if (exception) async::EndByBug("life", exception);
    exit_code = code;
    io->stop();
  });
  io->run();
  ExitNow(exit_code);
}

}  // namespace patchbay::worker
