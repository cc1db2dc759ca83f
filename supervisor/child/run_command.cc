#include "supervisor/child/run_command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "lib/async/event.h"
#include "lib/async/spawn.h"
#include "lib/base/check.h"
#include "lib/base/descriptor.h"
#include "supervisor/child/watch.h"
#include "supervisor/logs/child_output.h"

namespace patchbay::supervisor {
namespace {

struct CommandRun {
  explicit CommandRun(asio::io_context& io) : over(io.get_executor()), limit(io) {}
  std::unique_ptr<ChildWatch> watch;
  std::optional<Exit> exit;
  bool late = false;
  async::Event over;
  asio::steady_timer limit;
};

Error NoDescriptors() { return Error(ErrorCode::kUnavailable, "no descriptors left"); }

}  // namespace

Awaitable<Result<void>> RunCommand(asio::io_context& io, LogHub& logs, ChildRequest request, std::string input,
                                   LogSource source, std::chrono::milliseconds limit) {
  PATCHBAY_CHECK(input.size() <= kCommandInputBytes);
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0) co_return NoDescriptors();
  const Descriptor in_read(in[0]);
  Descriptor in_write(in[1]);
  if (pipe2(out, O_CLOEXEC) != 0) co_return NoDescriptors();
  Descriptor out_read(out[0]);
  Descriptor out_write(out[1]);
  if (write(in_write.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    co_return Error(ErrorCode::kUnavailable, "cannot write its input");
  }
  in_write.Close();
  request.input = in_read.get();
  request.output = out_write.get();
  CO_ASSIGN_OR_RETURN(const pid_t pid, StartChild(request));
  out_write.Close();
  const auto run = std::make_shared<CommandRun>(io);
  Result<std::unique_ptr<ChildWatch>> watch = ChildWatch::Start(io, pid);
  if (!watch.ok()) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    co_return std::move(watch).error();
  }
  run->watch = std::move(watch).value();
  run->watch->OnExit([run](Exit exit) {
    run->exit = exit;
    run->over.Notify();
  });
  source.pid = pid;
  async::Spawn(io, "output", ReadOutput(asio::posix::stream_descriptor(io, out_read.Release()), logs, source));
  run->limit.expires_after(limit);
  run->limit.async_wait([run, pid](boost::system::error_code error) {
    if (error || run->exit) return;
    run->late = true;
    kill(-pid, SIGKILL);  // it leads a group of its own
  });
  while (!run->exit) co_await run->over.Wait();
  run->limit.cancel();
  const Exit exit = *run->exit;
  run->watch.reset();
  if (run->late) co_return Error(ErrorCode::kDeadlineExceeded, "it took longer than it may, and was killed");
  if (exit.code == 0 && exit.signal == 0) co_return Result<void>();
  const std::string how = exit.signal == 0 ? "exit " + std::to_string(exit.code) : Describe(exit);
  co_return Error(ErrorCode::kUnavailable, how + (exit.code == kExitNotExecuted ? " (cannot be executed)" : ""));
}

}  // namespace patchbay::supervisor
