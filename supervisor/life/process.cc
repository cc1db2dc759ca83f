#include "supervisor/life/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "lib/async/spawn.h"
#include "lib/base/descriptor.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "supervisor/logs/child_output.h"

namespace patchbay::supervisor {
Process::Process(asio::io_context& io, LogSource source, SteadyTime started_at)
    : io_(io), source_(std::move(source)), started_at_(started_at), start_timer_(io), stop_timer_(io) {}

Result<std::shared_ptr<Process>> Process::Start(asio::io_context& io, const Clock& clock, LogHub& logs,
                                                ChildRequest request, LogSource source) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error(ErrorCode::kUnavailable, "no descriptors left for a log pipe");
  Descriptor read_end(ends[0]);
  const Descriptor write_end(ends[1]);
  request.output = write_end.get();
  ASSIGN_OR_RETURN(const pid_t pid, StartChild(request));
  source.pid = pid;

  auto process = std::shared_ptr<Process>(new Process(io, source, clock.Steady()));
  Result<std::unique_ptr<ChildWatch>> watch = ChildWatch::Start(io, pid);
  if (!watch.ok()) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return std::move(watch).error();
  }
  process->watch_ = std::move(watch).value();
  process->watch_->OnExit([process](Exit exit) {
    process->running_ = false;
    process->start_timer_.cancel();
    process->stop_timer_.cancel();
    if (const auto callback = std::exchange(process->on_exit_, nullptr)) callback(exit);
  });
  async::Spawn(io, "output", ReadOutput(asio::posix::stream_descriptor(io, read_end.Release()), logs, source));
  return process;
}

void Process::OnStartTimeout(std::chrono::milliseconds limit, std::function<void()> callback) {
  start_timer_.expires_after(limit);
  start_timer_.async_wait([self = shared_from_this(), callback = std::move(callback)](boost::system::error_code error) {
    if (!error && self->running_ && !self->ready_) callback();
  });
}

bool Process::MarkReady() {
  if (ready_) return false;
  ready_ = true;
  start_timer_.cancel();
  return true;
}

void Process::Stop(std::chrono::milliseconds deadline) {
  if (!running_) return;
  if (stop_step_ != StopStep::kRunning) {
    const bool sooner = SteadyTime::clock::now() + deadline < stop_timer_.expiry();
    if (stop_step_ == StopStep::kAskedToDrain && sooner) ArmStop(deadline);
    return;
  }
  stop_step_ = Escalate(stop_step_);
  if (link) {
    worker::v1::SupervisorOrder order;
    SetDuration(deadline, order.mutable_drain()->mutable_deadline());
    link->Push(std::move(order));
  } else {
    watch_->Signal(SIGTERM);  // it has not attached, so this is how it is asked
  }
  ArmStop(deadline + kDrainMargin);
}

void Process::ArmStop(std::chrono::milliseconds delay) {
  stop_timer_.expires_after(delay);
  stop_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->running_) self->NextStopStep();
  });
}

void Process::NextStopStep() {
  stop_step_ = Escalate(stop_step_);
  const bool terminate = stop_step_ == StopStep::kTerminated;
  log::Warn(terminate ? "worker.terminated" : "worker.killed",
            {{"worker", worker()}, {"generation", generation()}, {"pid", pid()}, {"why", "it did not drain in time"}});
  watch_->Signal(terminate ? SIGTERM : SIGKILL);
  if (terminate) ArmStop(kTermPatience);
}

void Process::OnDetached() {
  if (!running_ || stop_step_ != StopStep::kRunning) return;
  stop_timer_.expires_after(kDetachedPatience);  // free until somebody asks it to stop
  stop_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || !self->running_ || self->stop_step_ != StopStep::kRunning) return;
    log::Warn("worker.detached", {{"worker", self->worker()}, {"generation", self->generation()}});
    self->Stop(kTermPatience);
  });
}

void Process::Kill() {
  if (!running_) return;
  stop_step_ = StopStep::kKilled;
  stop_timer_.cancel();
  watch_->Signal(SIGKILL);
}

}  // namespace patchbay::supervisor
