// Plays systemd for the integration tests: passes listening sockets (LISTEN_FDS), listens on NOTIFY_SOCKET and prints
// what it is told, keeps what is put into its fd store, and starts the program again when it was killed.
//
//   patchbay-test-launch [--listen NAME=PORT]… [--restart] -- program arguments…
//
// On standard output: "listen NAME PORT", "started PID", "notify FIELD=VALUE", "stored NAME", "ended STATUS".
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kFirstFd = 3;
constexpr int kStoreMax = 64;
constexpr std::size_t kNotifyBytes = 8192;

struct Passed {
  std::string name;
  int fd = -1;
};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(70);
}

int ListenOn(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || ::listen(fd, 512) != 0) Die("listen");
  return fd;
}

int PortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class Launcher {
 public:
  Launcher(std::vector<Passed> listeners, std::vector<char*> command, bool restart)
      : listeners_(std::move(listeners)), command_(std::move(command)), restart_(restart) {
    notify_path_ = "/tmp/pb-notify-" + std::to_string(::getpid());
    notify_fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, notify_path_.c_str(), sizeof(address.sun_path) - 1);
    ::unlink(notify_path_.c_str());
    if (::bind(notify_fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Die("bind notify");
    ::sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&signals_, signal);
    ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
    signal_fd_ = ::signalfd(-1, &signals_, SFD_CLOEXEC);
  }
  ~Launcher() { ::unlink(notify_path_.c_str()); }

  int Run() {
    Start();
    for (;;) {
      pollfd watched[] = {{notify_fd_, POLLIN, 0}, {signal_fd_, POLLIN, 0}};
      if (::poll(watched, 2, -1) < 0) continue;
      if ((watched[0].revents & POLLIN) != 0) Notified();
      if ((watched[1].revents & POLLIN) == 0) continue;
      signalfd_siginfo info{};
      if (::read(signal_fd_, &info, sizeof(info)) != sizeof(info)) continue;
      if (info.ssi_signo != SIGCHLD) {
        ::kill(child_, static_cast<int>(info.ssi_signo));
        continue;
      }
      int status = 0;
      if (::waitpid(child_, &status, WNOHANG) != child_) continue;
      while (Notified(MSG_DONTWAIT)) {
      }
      std::printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
      if (WIFSIGNALED(status) && restart_) {
        Start();
        continue;
      }
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }

 private:
  void Start() {
    child_ = ::fork();
    if (child_ < 0) Die("fork");
    if (child_ > 0) {
      std::printf("started %d\n", child_);
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
    // First out of the way, then into place: a source may itself lie in the target range.
    std::vector<int> moved;
    std::string names;
    for (const auto* group : {&listeners_, &store_}) {
      for (const Passed& passed : *group) {
        moved.push_back(::fcntl(passed.fd, F_DUPFD_CLOEXEC, 200));
        names += (names.empty() ? "" : ":") + passed.name;
      }
    }
    for (std::size_t i = 0; i < moved.size(); ++i) ::dup2(moved[i], kFirstFd + static_cast<int>(i));
    if (!moved.empty()) {
      ::setenv("LISTEN_FDS", std::to_string(moved.size()).c_str(), 1);
      ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
      ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    }
    ::setenv("NOTIFY_SOCKET", notify_path_.c_str(), 1);
    ::execv(command_[0], command_.data());
    Die("exec");
  }

  // Prints one datagram's fields; takes the descriptors that came along into the store.
  bool Notified(int flags = 0) {
    char text[kNotifyBytes];
    alignas(cmsghdr) char control[CMSG_SPACE(kStoreMax * sizeof(int))];
    iovec piece{text, sizeof(text)};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    const ssize_t got = ::recvmsg(notify_fd_, &message, MSG_CMSG_CLOEXEC | flags);
    if (got <= 0) return false;
    std::string name = "stored";
    bool barrier = false;
    bool stores = false;
    std::istringstream lines(std::string(text, static_cast<std::size_t>(got)));
    for (std::string line; std::getline(lines, line);) {
      std::printf("notify %s\n", line.c_str());
      if (line.starts_with("FDNAME=")) name = line.substr(7);
      if (line == "FDSTORE=1") stores = true;
      if (line == "BARRIER=1") barrier = true;
    }
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
      const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
        if (barrier || !stores || store_.size() >= kStoreMax) {
          ::close(fd);
          continue;
        }
        store_.push_back({name, fd});
        std::printf("stored %s\n", name.c_str());
      }
    }
    return true;
  }

  std::vector<Passed> listeners_;
  std::vector<Passed> store_;
  std::vector<char*> command_;
  const bool restart_;
  std::string notify_path_;
  int notify_fd_ = -1;
  int signal_fd_ = -1;
  sigset_t signals_{};
  pid_t child_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::vector<Passed> listeners;
  bool restart = false;
  int at = 1;
  for (; at < argc && std::string_view(argv[at]) != "--"; ++at) {
    const std::string_view argument = argv[at];
    if (argument == "--restart") {
      restart = true;
    } else if (argument == "--listen" && at + 1 < argc) {
      const std::string spec = argv[++at];
      const auto equals = spec.find('=');
      const int fd = ListenOn(std::atoi(spec.c_str() + equals + 1));
      listeners.push_back({spec.substr(0, equals), fd});
      std::printf("listen %s %d\n", listeners.back().name.c_str(), PortOf(fd));
    } else {
      std::fputs("usage: patchbay-test-launch [--listen NAME=PORT]… [--restart] -- program arguments…\n", stderr);
      return 64;
    }
  }
  if (at + 1 >= argc) return 64;
  std::vector<char*> command(argv + at + 1, argv + argc);
  command.push_back(nullptr);
  return Launcher(std::move(listeners), std::move(command), restart).Run();
}
