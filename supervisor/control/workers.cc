#include "supervisor/control/workers.h"

#include "lib/log/log.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {
namespace {

Error NoSuchWorker(const std::string& name) { return Error(ErrorCode::kNotFound, "no worker '" + name + "'"); }

std::chrono::milliseconds Left(const Clock& clock, SteadyTime deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock.Steady());
}

}  // namespace

Awaitable<Result<void>> RestartWorker(Supervisor& supervisor, std::string name, std::chrono::milliseconds timeout) {
  Slot* slot = supervisor.FindSlot(name);
  if (slot == nullptr) co_return NoSuchWorker(name);
  if (!supervisor.Wanted(*slot)) {
    co_return Error(ErrorCode::kFailedPrecondition,
                    name + " is switched off (" + slot->spec().enabled_setting + ": false)");
  }
  if (supervisor.stopping()) co_return Error(ErrorCode::kFailedPrecondition, "patchbayd is stopping");
  if (timeout.count() <= 0) {
    const SlotTimes& times = slot->times();
    timeout = times.start_timeout + (slot->spec().overlap ? std::chrono::milliseconds(0) : times.drain_timeout);
  }
  const SteadyTime deadline = supervisor.clock().Steady() + timeout;
  const std::int64_t before =
      slot->successor() && slot->current() ? slot->current()->generation() : slot->last_generation();
  const bool served = slot->serving();
  log::Info("worker.restart_asked", {{"worker", name}});
  slot->Restart();
  for (;;) {
    const auto& current = slot->current();
    // Starting already counts as new: what was asked for is a process that begins after this moment, or is beginning.
    const bool fresh = current && (current->generation() > before || !served);
    if (fresh && current->ready()) co_return Result<void>();
    const bool lost = slot->spec().overlap && served && slot->phase() == Phase::kReady && !fresh;
    if (lost || Left(supervisor.clock(), deadline).count() <= 0) {
      slot->DropSuccessor();
      co_return Error(ErrorCode::kDeadlineExceeded,
                      "the new generation did not become ready" +
                          (slot->last_exit().empty() ? "" : " (" + slot->last_exit() + ")") +
                          (slot->serving() ? "; the old one still serves" : ""));
    }
    co_await supervisor.changed().Wait(Left(supervisor.clock(), deadline));
  }
}

Awaitable<Result<void>> DrainWorker(Supervisor& supervisor, std::string name, std::chrono::milliseconds timeout) {
  Slot* slot = supervisor.FindSlot(name);
  if (slot == nullptr) co_return NoSuchWorker(name);
  if (timeout.count() <= 0) timeout = slot->times().drain_timeout;
  log::Info("worker.drain_asked", {{"worker", name}, {"ms", timeout.count()}});
  slot->Drain(timeout);
  // The deadline is the worker's; what follows it is ours and ends by SIGKILL.
  const SteadyTime deadline =
      supervisor.clock().Steady() + timeout + Process::kDrainMargin + Process::kTermPatience + Process::kTermPatience;
  while (!slot->gone()) {
    if (Left(supervisor.clock(), deadline).count() <= 0)
      co_return Error(ErrorCode::kDeadlineExceeded, "it has not exited yet");
    co_await supervisor.changed().Wait(Left(supervisor.clock(), deadline));
  }
  co_return Result<void>();
}

Result<void> SetLogLevel(Supervisor& supervisor, const std::string& name, const std::string& level) {
  ASSIGN_OR_RETURN(const log::Level parsed, log::ParseLevel(level));
  const bool ours = name.empty() || name == "patchbayd";
  if (!ours && supervisor.FindSlot(name) == nullptr) return NoSuchWorker(name);
  if (ours) log::SetLevel(parsed);
  worker::v1::SupervisorOrder order;
  order.mutable_log_level()->set_level(level);
  for (const auto& slot : supervisor.slots()) {
    if (name.empty() || slot->spec().name == name) slot->Order(order);
  }
  log::Info("log.level_set", {{"worker", name.empty() ? "all" : name}, {"level_now", level}});
  return {};
}

}  // namespace patchbay::supervisor
