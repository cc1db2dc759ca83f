#include "supervisor/child/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/io.hpp>
#include <boost/process/posix.hpp>
#include <cerrno>
#include <cstring>

#include "lib/base/exit.h"
#include "supervisor/child/child_environment.h"

namespace bp = boost::process;

namespace patchbay::supervisor {
namespace {

constexpr int kFirstListener = 3;
constexpr std::size_t kMaxListeners = 16;

// What happens between fork and exec, in the child: only async-signal-safe calls, no allocation.
class Hygiene : public bp::extend::handler {
 public:
  Hygiene(const ChildRequest& request, std::vector<char*>& environment, char* listen_pid)
      : request_(request), environment_(environment), listen_pid_(listen_pid), parent_(getpid()) {}

  template <class Executor>
  void on_setup(Executor& executor) const {
    executor.env = environment_.data();
  }

  template <class Executor>
  void on_exec_setup(Executor&) const {
    setpgid(0, 0);
    ResetSignals();
    // The supervisor may have died between fork and here; then the signal will never come.
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent_) _exit(kExitTemporary);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // no set-user-id program can lift it, and nothing that it starts
    SetLimits();
    PlaceDescriptors();
    if (listen_pid_ != nullptr) WriteNumber(getpid(), listen_pid_);
  }

  template <class Executor>
  void on_exec_error(Executor&, const std::error_code& error) const {
    Say("cannot execute ");
    Say(request_.executable.c_str());
    Say(": ");
    Say(strerrordesc_np(error.value()));
    Say("\n");
    _exit(kExitNotExecuted);
  }

 private:
  static void ResetSignals() {
    for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  static void SetLimits() {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
      files.rlim_cur = files.rlim_max;
      setrlimit(RLIMIT_NOFILE, &files);
    }
  }

  void PlaceDescriptors() const {
    const int count = static_cast<int>(request_.listeners.size());
    // First out of the way, then into place: a source may sit where another one's place is.
    int moved[kMaxListeners];
    const int output = fcntl(request_.output, F_DUPFD_CLOEXEC, kFirstListener + count);
    const int input = request_.input < 0 ? -1 : fcntl(request_.input, F_DUPFD_CLOEXEC, kFirstListener + count);
    for (int i = 0; i < count; ++i) moved[i] = fcntl(request_.listeners[i], F_DUPFD_CLOEXEC, kFirstListener + count);
    bool placed = dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
    if (request_.input >= 0) placed = placed && dup2(input, STDIN_FILENO) >= 0;
    for (int i = 0; i < count; ++i) placed = placed && dup2(moved[i], kFirstListener + i) >= 0;
    if (!placed || close_range(static_cast<unsigned>(kFirstListener + count), ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
      Say("cannot hand over descriptors\n");
      _exit(kExitNotExecuted);
    }
  }

  static void WriteNumber(int number, char* out) {
    char digits[kListenPidDigits];
    int count = 0;
    for (; number > 0 && count < kListenPidDigits; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
    while (count > 0) *out++ = digits[--count];
    *out = '\0';
  }

  static void Say(const char* text) {
    if (text != nullptr) (void)!write(STDERR_FILENO, text, strlen(text));
  }

  const ChildRequest& request_;
  std::vector<char*>& environment_;
  char* listen_pid_;
  pid_t parent_;
};

}  // namespace

Result<pid_t> StartChild(const ChildRequest& request) {
  PATCHBAY_CHECK(request.listeners.size() <= kMaxListeners);
  std::vector<std::string> variables = request.environment;
  std::vector<char*> environment;
  char* listen_pid = nullptr;
  for (std::string& variable : variables) {
    environment.push_back(variable.data());
    if (variable.starts_with(kListenPidVariable)) listen_pid = variable.data() + strlen(kListenPidVariable);
  }
  environment.push_back(nullptr);

  // ignore_error: no pipe back from the child, which would need a descriptor of its own and a blocking read here. A
  // child that cannot execute says so on its output and exits with kExitNotExecuted.
  errno = 0;
  bp::child child(bp::exe = request.executable.string(), bp::args = request.arguments, bp::std_in < bp::null,
                  Hygiene(request, environment, listen_pid), bp::ignore_error);
  if (child.id() <= 0) {
    return Error(ErrorCode::kUnavailable, "cannot fork: " + std::string(std::strerror(errno)));
  }
  const pid_t pid = child.id();
  child.detach();  // watched through its pidfd and reaped there
  return pid;
}

}  // namespace patchbay::supervisor
