// A child that looks at itself. `probe report` prints what it was given as one JSON line; `probe exit N` exits with N;
// `probe wait` lives until SIGTERM, then exits 0; `probe stubborn` ignores SIGTERM;
// `probe wait-then-exit N` lives until SIGTERM, then exits with N.
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

extern char** environ;

namespace {

nlohmann::json Descriptors() {
  nlohmann::json found = nlohmann::json::object();
  DIR* directory = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(directory)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
    char target[256] = {};
    if (readlink(("/proc/self/fd/" + std::string(entry->d_name)).c_str(), target, sizeof(target) - 1) < 0) continue;
    found[entry->d_name] = target;
  }
  closedir(directory);
  return found;
}

nlohmann::json Report() {
  nlohmann::json report;
  report["descriptors"] = Descriptors();
  for (char** variable = environ; *variable != nullptr; ++variable) report["environment"].push_back(*variable);
  int death_signal = 0;
  prctl(PR_GET_PDEATHSIG, &death_signal);
  report["death_signal"] = death_signal;
  report["no_new_privileges"] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  report["pid"] = getpid();
  report["group"] = getpgrp();
  rlimit limit{};
  getrlimit(RLIMIT_CORE, &limit);
  report["core_limit"] = limit.rlim_cur;
  getrlimit(RLIMIT_NOFILE, &limit);
  report["files_raised"] = limit.rlim_cur == limit.rlim_max;
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  int blocked_count = 0;
  int ignored_count = 0;
  for (int number = 1; number < SIGRTMIN; ++number) {
    blocked_count += sigismember(&blocked, number) == 1;
    struct sigaction action {};
    ignored_count += sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
  }
  report["blocked_signals"] = blocked_count;
  report["ignored_signals"] = ignored_count;
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "report") {
    std::puts(Report().dump().c_str());
    std::fflush(stdout);
    std::fputs("and a word on stderr\n", stderr);
    return 0;
  }
  if (what == "exit") return std::atoi(argv[2]);
  if (what == "wait") {
    signal(SIGTERM, [](int) { _exit(0); });
    std::puts("waiting");
    std::fflush(stdout);
    for (;;) pause();
  }
  if (what == "wait-then-exit") {
    static int code;
    code = std::atoi(argv[2]);
    signal(SIGTERM, [](int) { _exit(code); });
    std::puts("waiting");
    std::fflush(stdout);
    for (;;) pause();
  }
  if (what == "stubborn") {
    signal(SIGTERM, SIG_IGN);
    std::puts("waiting");
    std::fflush(stdout);
    for (;;) pause();
  }
  return 64;
}
