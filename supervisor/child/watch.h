// Watches one child through a pidfd: no SIGCHLD handler, no polling, no confusion with a reused process id.
#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "supervisor/child/exit.h"

namespace patchbay::supervisor {

class ChildWatch {
 public:
  // `pid` must be an unreaped child of ours.
  static Result<std::unique_ptr<ChildWatch>> Start(asio::io_context& io, pid_t pid);
  ChildWatch(asio::io_context& io, int pidfd) : pidfd_(io, pidfd) {}

  // Calls back once, after the child has ended and was reaped.
  void OnExit(std::function<void(Exit)> callback);
  // False when it has ended already.
  bool Signal(int number);

 private:
  asio::posix::stream_descriptor pidfd_;
};

}  // namespace patchbay::supervisor
