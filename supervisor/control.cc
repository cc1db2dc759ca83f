// What an operator asks of the supervisor: reload, restart, drain, log level.
#include "lib/log/log.h"
#include "supervisor/supervisor.h"
#include "supervisor/system/notify.h"

namespace patchbay::supervisor {
namespace {

Error NoSuchWorker(const std::string& name) { return Error(ErrorCode::kNotFound, "no worker '" + name + "'"); }

std::chrono::milliseconds Left(const Clock& clock, SteadyTime deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock.Steady());
}

}  // namespace

Result<ReloadOutcome> Supervisor::Reload() {
  notify::Reloading();
  Result<config::Loaded> loaded = config::LoadConfig(beginnings_.config_file, beginnings_.environment);
  if (!loaded.ok()) {
    notify::Ready();  // the reload is over, and nothing has changed
    return std::move(loaded).error();
  }
  ReloadOutcome outcome;
  for (const config::Change& change : config::Diff(config(), loaded->config)) {
    if (change.needs_restart) {
      outcome.needs_restart.push_back(change.path + " (restart patchbayd)");
    } else {
      outcome.applied.push_back(change.path);
    }
  }
  beginnings_.loaded = std::move(loaded).value();
  outcome.revision = ++revision_;
  if (const auto level = log::ParseLevel(config().log().level()); level.ok()) log::SetLevel(*level);
  for (const auto& slot : slots_) {
    slot->SetTimes(Times());
    for (const auto& process : slot->Processes()) {
      if (!process->link) continue;
      worker::v1::SupervisorOrder order;
      *order.mutable_configuration() = ConfigurationOf(*process);
      process->link->Push(std::move(order));
    }
  }
  log::Info("config.reloaded", {{"revision", revision_},
                                {"source", config_source()},
                                {"applied", outcome.applied.size()},
                                {"needs_restart", outcome.needs_restart.size()}});
  notify::Ready();
  changed_.Notify();
  return outcome;
}

Awaitable<Result<void>> Supervisor::RestartWorker(std::string name, std::chrono::milliseconds timeout) {
  Slot* slot = FindSlot(name);
  if (slot == nullptr) co_return NoSuchWorker(name);
  if (stopping_) co_return Error(ErrorCode::kFailedPrecondition, "patchbayd is stopping");
  if (timeout.count() <= 0) {
    timeout = Times().start_timeout + (slot->spec().overlap ? std::chrono::milliseconds(0) : Times().drain_timeout);
  }
  const SteadyTime deadline = clock_.Steady() + timeout;
  const std::int64_t before = slot->last_generation();
  const bool served = slot->serving();
  log::Info("worker.restart_asked", {{"worker", name}});
  slot->Restart();
  for (;;) {
    const auto& current = slot->current();
    // Starting already counts as new: what was asked for is a process that begins after this moment, or is beginning.
    const bool fresh = current && (current->generation() > before || !served);
    if (fresh && current->ready()) co_return Result<void>();
    const bool lost = slot->spec().overlap && served && slot->phase() == Phase::kReady && !fresh;
    if (lost || Left(clock_, deadline).count() <= 0) {
      slot->DropSuccessor();
      co_return Error(ErrorCode::kDeadlineExceeded,
                      "the new generation did not become ready" +
                          (slot->last_exit().empty() ? "" : " (" + slot->last_exit() + ")") +
                          (slot->serving() ? "; the old one still serves" : ""));
    }
    co_await changed_.Wait(Left(clock_, deadline));
  }
}

Awaitable<Result<void>> Supervisor::DrainWorker(std::string name, std::chrono::milliseconds timeout) {
  Slot* slot = FindSlot(name);
  if (slot == nullptr) co_return NoSuchWorker(name);
  if (timeout.count() <= 0) timeout = Times().drain_timeout;
  log::Info("worker.drain_asked", {{"worker", name}, {"ms", timeout.count()}});
  slot->Drain(timeout);
  // The deadline is the worker's; what follows it is ours and ends by SIGKILL.
  const SteadyTime deadline =
      clock_.Steady() + timeout + Process::kDrainMargin + Process::kTermPatience + Process::kTermPatience;
  while (!slot->gone()) {
    if (Left(clock_, deadline).count() <= 0) co_return Error(ErrorCode::kDeadlineExceeded, "it has not exited yet");
    co_await changed_.Wait(Left(clock_, deadline));
  }
  co_return Result<void>();
}

Result<void> Supervisor::SetLogLevel(const std::string& name, const std::string& level) {
  ASSIGN_OR_RETURN(const log::Level parsed, log::ParseLevel(level));
  if (!name.empty() && name != "patchbayd" && FindSlot(name) == nullptr) return NoSuchWorker(name);
  if (name.empty() || name == "patchbayd") log::SetLevel(parsed);
  for (const auto& slot : slots_) {
    if (!name.empty() && slot->spec().name != name) continue;
    for (const auto& process : slot->Processes()) {
      if (!process->link) continue;
      worker::v1::SupervisorOrder order;
      order.mutable_log_level()->set_level(level);
      process->link->Push(std::move(order));
    }
  }
  log::Info("log.level_set", {{"worker", name.empty() ? "all" : name}, {"level_now", level}});
  return {};
}

}  // namespace patchbay::supervisor
