#include "supervisor/life/slot.h"

#include <boost/asio/post.hpp>
#include <random>

#include "lib/log/log.h"

namespace patchbay::supervisor {
namespace {

double Jitter() {
  static std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace

Slot::Slot(asio::io_context& io, const Clock& clock, WorkerSpec spec, SlotTimes times, SlotHooks hooks,
           async::Broadcast& changed)
    : io_(io),
      clock_(clock),
      spec_(std::move(spec)),
      times_(times),
      hooks_(std::move(hooks)),
      changed_(changed),
      backoff_(times.backoff),
      delay_timer_(io) {}

void Slot::SetTimes(SlotTimes times) {
  times_ = times;
  backoff_.SetLimits(times.backoff);
}

void Slot::Drain(std::chrono::milliseconds deadline) {
  drain_deadline_ = deadline;
  Handle(LifeEvent::kDrainAsked);
  // A drain that is under way already takes the earlier deadline.
  for (const auto& process : Processes()) process->Stop(deadline);
}

void Slot::DropSuccessor() {
  if (phase_ == Phase::kReplacing && successor_) successor_->Kill();
}

void Slot::OnReady(const std::shared_ptr<Process>& process) {
  if (!process->MarkReady()) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - process->started_at());
  log::Info(
      "worker.ready",
      {{"worker", spec_.name}, {"generation", process->generation()}, {"pid", process->pid()}, {"ms", took.count()}});
  if (process == current_) Handle(LifeEvent::kReadySaid);
  if (process == successor_) Handle(LifeEvent::kSuccessorReady);
}

std::shared_ptr<Process> Slot::Find(std::int64_t generation) const {
  for (const auto& process : Processes()) {
    if (process->generation() == generation) return process;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Process>> Slot::Processes() const {
  std::vector<std::shared_ptr<Process>> all = leaving_;
  if (current_) all.push_back(current_);
  if (successor_) all.push_back(successor_);
  return all;
}

void Slot::Order(const worker::v1::SupervisorOrder& order) const {
  for (const auto& process : Processes()) {
    if (process->link) process->link->Push(order);
  }
}

void Slot::Handle(LifeEvent event) {
  const Transition transition = Next(phase_, event);
  if (transition.action == Action::kRefuse) {
    log::Error("worker.impossible_event",
               {{"worker", spec_.name}, {"phase", ToString(phase_)}, {"life_event", ToString(event)}});
    return;
  }
  log::Debug("worker.transition", {{"worker", spec_.name},
                                   {"from", ToString(phase_)},
                                   {"life_event", ToString(event)},
                                   {"to", ToString(transition.next)},
                                   {"action", ToString(transition.action)}});
  phase_ = transition.next;
  Do(transition.action);
  changed_.Notify();
}

void Slot::Do(Action action) {
  switch (action) {
    case Action::kNothing:
    case Action::kRefuse: return;
    case Action::kSpawn:
      delay_timer_.cancel();
      next_start_at_ = {};
      drain_deadline_ = {};
      current_ = LaunchNext();
      hooks_.population();
      // Told later, as every death is: the transition that brought us here ends first.
      if (!current_) asio::post(io_, [this] { OnCurrentGone(false); });
      return;
    case Action::kSpawnSuccessor:
      successor_ = LaunchNext();
      hooks_.population();
      if (!successor_) asio::post(io_, [this] { Handle(LifeEvent::kSuccessorDied); });
      return;
    case Action::kAnnounce: failure_told_.clear(); return backoff_.OnReady();
    case Action::kStop:
      if (successor_) Leave(std::move(successor_));
      if (current_) current_->Stop(drain_deadline_.count() > 0 ? drain_deadline_ : times_.drain_timeout);
      return;
    case Action::kKill: {
      Process& late = successor_ ? *successor_ : *current_;
      log::Error("worker.start_timed_out",
                 {{"worker", spec_.name}, {"generation", late.generation()}, {"ms", times_.start_timeout.count()}});
      return late.Kill();
    }
    case Action::kDelay: return ArmDelay();
    case Action::kPromote:
      Leave(std::exchange(current_, std::move(successor_)));
      successor_ = nullptr;
      return backoff_.OnReady();
    case Action::kAdopt: current_ = std::exchange(successor_, nullptr); return;
    case Action::kForget:
      delay_timer_.cancel();
      next_start_at_ = {};
      drain_deadline_ = {};
      return;
  }
}

std::shared_ptr<Process> Slot::LaunchNext() {
  Result<std::shared_ptr<Process>> started = hooks_.launch(spec_, ++generation_);
  if (!started.ok()) {
    const std::string& why = started.error().message;
    if (why != last_exit_) log::Error("worker.not_started", {{"worker", spec_.name}, {"error", why}});
    last_exit_ = why;
    return nullptr;
  }
  std::shared_ptr<Process> process = std::move(started).value();
  process->OnExit([this, process](Exit exit) { OnExit(process, exit); });
  process->OnStartTimeout(times_.start_timeout, [this] { Handle(LifeEvent::kStartTimedOut); });
  log::Info("worker.spawned", {{"worker", spec_.name}, {"generation", process->generation()}, {"pid", process->pid()}});
  return process;
}

void Slot::OnExit(const std::shared_ptr<Process>& process, const Exit& exit) {
  last_exit_ = Describe(exit);
  const bool asked = process->stop_step() == StopStep::kAskedToDrain;
  const auto lived = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - process->started_at());
  const log::Level level = asked && exit.drained() ? log::Level::kInfo : log::Level::kWarn;
  if (log::Enabled(level)) {
    log::Write(level, "worker.exited",
               {{"worker", spec_.name},
                {"generation", process->generation()},
                {"pid", process->pid()},
                {"exit", last_exit_},
                {"asked", asked},
                {"lived_ms", lived.count()}});
  }
  if (std::erase(leaving_, process) > 0) {
    changed_.Notify();
    return hooks_.population();
  }
  if (process == successor_) {
    successor_ = nullptr;
    hooks_.population();
    return Handle(LifeEvent::kSuccessorDied);
  }
  if (process != current_) return;
  current_ = nullptr;
  hooks_.population();
  OnCurrentGone(process->ready());
  if (exit.refused() && !process->ready()) hooks_.refused(exit);
}

void Slot::OnCurrentGone(bool was_ready) {
  if (phase_ == Phase::kDraining || phase_ == Phase::kRecycling) return Handle(LifeEvent::kDied);
  ++restarts_;
  const Backoff::Verdict verdict = backoff_.OnDeath(clock_.Steady(), was_ready, Jitter());
  delay_ = verdict.delay;
  Handle(verdict.failed ? LifeEvent::kDiedTooOften : LifeEvent::kDied);
}

void Slot::ArmDelay() {
  if (phase_ == Phase::kFailed) {
    const bool told = std::exchange(failure_told_, last_exit_) == last_exit_;
    const log::Level level = told ? log::Level::kDebug : log::Level::kError;
    if (log::Enabled(level)) {
      log::Write(level, "worker.failed",
                 {{"worker", spec_.name}, {"last_exit", last_exit_}, {"retry_ms", delay_.count()}});
    }
  } else if (delay_.count() > 0) {
    log::Warn("worker.backing_off", {{"worker", spec_.name}, {"last_exit", last_exit_}, {"retry_ms", delay_.count()}});
  }
  if (delay_.count() == 0) return Handle(LifeEvent::kDelayElapsed);
  next_start_at_ = clock_.Now() + delay_;
  delay_timer_.expires_after(delay_);
  delay_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) Handle(LifeEvent::kDelayElapsed);
  });
}

void Slot::Leave(std::shared_ptr<Process> process) {
  leaving_.push_back(process);
  process->Stop(drain_deadline_.count() > 0 ? drain_deadline_ : times_.drain_timeout);
}

}  // namespace patchbay::supervisor
