#include "supervisor/child/watch.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "supervisor/child/spawn.h"

namespace patchbay::supervisor {

std::string Describe(const Exit& exit) {
  if (exit.signal != 0) {
    const char* name = sigabbrev_np(exit.signal);
    return "killed by " + (name == nullptr ? "signal " + std::to_string(exit.signal) : "SIG" + std::string(name));
  }
  const std::string code = "exit " + std::to_string(exit.code);
  switch (exit.code) {
    case 0: return code + " (drained)";
    case 64: return code + " (usage or configuration)";
    case 70: return code + " (our bug)";
    case 75: return code + " (temporary)";
    case kExitNotExecuted: return code + " (could not be executed)";
    default: return code;
  }
}

Result<std::unique_ptr<ChildWatch>> ChildWatch::Start(asio::io_context& io, pid_t pid) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));  // O_CLOEXEC by itself
  if (pidfd < 0) return Error(ErrorCode::kUnavailable, "pidfd_open: " + std::string(std::strerror(errno)));
  return std::make_unique<ChildWatch>(io, pidfd);
}

void ChildWatch::OnExit(std::function<void(Exit)> callback) {
  pidfd_.async_wait(asio::posix::descriptor_base::wait_read,
                    [this, callback = std::move(callback)](boost::system::error_code error) {
                      if (error) return;  // the watch is going away
                      siginfo_t info{};
                      if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &info, WEXITED) != 0) return;
                      Exit exit;
                      (info.si_code == CLD_EXITED ? exit.code : exit.signal) = info.si_status;
                      callback(exit);
                    });
}

bool ChildWatch::Signal(int number) {
  return syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), number, nullptr, 0) == 0;
}

}  // namespace patchbay::supervisor
