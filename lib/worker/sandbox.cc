#include "lib/worker/sandbox.h"

#include <seccomp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace patchbay::worker {
namespace {

// A filter that allows what no rule denies.
class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {
    // Calls of another architecture (and x32's) are numbered differently: no rule would meet them.
    Keep(seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    // On every thread: gRPC's and the storage thread run already.
    Keep(seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1));
    // io_uring can make sockets without socket(), and listen on them.
    Deny(SCMP_SYS(io_uring_setup), ENOSYS);
  }
  ~Filter() { seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // From now on `call` fails with `error`; with conditions, only when all of them hold.
  void Deny(int call, int error, const std::vector<scmp_arg_cmp>& when = {}) {
    Keep(seccomp_rule_add_array(context_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call,
                                static_cast<unsigned>(when.size()), when.data()));
  }

  // Installs the filter for good, and with it no_new_privs.
  Result<void> Install() {
    Keep(seccomp_load(context_));
    if (failure_ != 0) return Error(ErrorCode::kInternal, std::string("seccomp: ") + std::strerror(-failure_));
    return {};
  }

 private:
  // The first failure counts.
  void Keep(int result) {
    if (failure_ == 0) failure_ = result;
  }

  scmp_filter_ctx context_;
  int failure_ = 0;
};

// The kernel looks at the lower half of the argument only, so the rule must not look at more.
scmp_arg_cmp FirstArgumentIs(std::uint32_t value) { return SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, value); }

}  // namespace

Result<void> ForbidInternetSockets() {
  Filter filter;
  filter.Deny(SCMP_SYS(socket), EAFNOSUPPORT, {FirstArgumentIs(AF_INET)});
  filter.Deny(SCMP_SYS(socket), EAFNOSUPPORT, {FirstArgumentIs(AF_INET6)});
  return filter.Install();
}

Result<void> ForbidListening() {
  Filter filter;
  filter.Deny(SCMP_SYS(listen), EACCES);
  return filter.Install();
}

}  // namespace patchbay::worker
