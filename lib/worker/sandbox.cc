#include "lib/worker/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace patchbay::worker {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
constexpr unsigned kForeignBit = 0x40000000;  // the x32 calls of the same architecture
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
constexpr unsigned kForeignBit = 0;
#else
#error "tell the filter this architecture's audit number"
#endif

// Loads of seccomp_data fields. Arguments are 64 bits wide; a family fits into the lower half, and the kernel looks at
// no more than that (int).
constexpr unsigned kNumber = offsetof(seccomp_data, nr);
constexpr unsigned kArch = offsetof(seccomp_data, arch);
constexpr unsigned kFamily = offsetof(seccomp_data, args[0]);

constexpr sock_filter Load(unsigned offset) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset}; }
constexpr sock_filter IfEqual(unsigned value, unsigned char then, unsigned char otherwise) {
  return {BPF_JMP | BPF_JEQ | BPF_K, then, otherwise, value};
}
constexpr sock_filter Answer(unsigned action) { return {BPF_RET | BPF_K, 0, 0, action}; }

// Installs `filter` for good, on every thread: gRPC's and the storage thread run already.
template <std::size_t size>
Result<void> Install(const sock_filter (&filter)[size]) {
  sock_fprog program{};
  program.len = size;
  program.filter = const_cast<sock_filter*>(filter);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Error(ErrorCode::kInternal, std::string("no_new_privs: ") + std::strerror(errno));
  }
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) {
    return Error(ErrorCode::kInternal, std::string("seccomp: ") + std::strerror(errno));
  }
  return {};
}

}  // namespace

Result<void> ForbidInternetSockets() {
  // An instruction's jumps count from the next one. io_uring can make sockets without socket(), so it goes too.
  const sock_filter filter[] = {
      Load(kArch),
      IfEqual(kArchitecture, 1, 0),
      Answer(SECCOMP_RET_KILL_PROCESS),  // calls of another architecture would be numbered differently
      Load(kNumber),
      {BPF_JMP | BPF_JSET | BPF_K, 6, 0, kForeignBit},  // to the denial
      IfEqual(SYS_io_uring_setup, 5, 0),
      IfEqual(SYS_socket, 0, 3),
      Load(kFamily),
      IfEqual(AF_INET, 2, 0),
      IfEqual(AF_INET6, 1, 0),
      Answer(SECCOMP_RET_ALLOW),
      Answer(SECCOMP_RET_ERRNO | EAFNOSUPPORT),
  };
  return Install(filter);
}

Result<void> ForbidListening() {
  const sock_filter filter[] = {
      Load(kArch),
      IfEqual(kArchitecture, 1, 0),
      Answer(SECCOMP_RET_KILL_PROCESS),
      Load(kNumber),
      {BPF_JMP | BPF_JSET | BPF_K, 3, 0, kForeignBit},  // to the denial
      IfEqual(SYS_io_uring_setup, 2, 0),
      IfEqual(SYS_listen, 1, 0),
      Answer(SECCOMP_RET_ALLOW),
      Answer(SECCOMP_RET_ERRNO | EACCES),
  };
  return Install(filter);
}

}  // namespace patchbay::worker
