#include "supervisor/child/watch.h"

extern "C" {  // glibc 2.36 forgot it in this header
#include <sys/pidfd.h>
}

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

namespace patchbay::supervisor {

Result<std::unique_ptr<ChildWatch>> ChildWatch::Start(asio::io_context& io, pid_t pid) {
  const int pidfd = pidfd_open(pid, 0);  // O_CLOEXEC by itself
  if (pidfd < 0) return Error(ErrorCode::kUnavailable, "pidfd_open: " + std::string(std::strerror(errno)));
  return std::make_unique<ChildWatch>(io, pidfd);
}

void ChildWatch::OnExit(std::function<void(Exit)> callback) {
  pidfd_.async_wait(
      asio::posix::descriptor_base::wait_read, [this, callback = std::move(callback)](boost::system::error_code error) {
        if (error) return;  // the watch is going away
        siginfo_t info{};
        if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &info, WEXITED) != 0) return;
        const bool exited = info.si_code == CLD_EXITED;
        callback(exited ? Exit{.code = info.si_status, .signal = 0} : Exit{.code = 0, .signal = info.si_status});
      });
}

bool ChildWatch::Signal(int number) { return pidfd_send_signal(pidfd_.native_handle(), number, nullptr, 0) == 0; }

}  // namespace patchbay::supervisor
