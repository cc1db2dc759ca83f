// One worker's place in the house: carries out what the lifecycle table says, over however many generations it takes.
// Single-threaded.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/broadcast.h"
#include "supervisor/life/backoff.h"
#include "supervisor/life/lifecycle.h"
#include "supervisor/life/process.h"
#include "supervisor/manifest.h"

namespace patchbay::supervisor {

// From the section `server` of the configuration, which has the defaults.
struct SlotTimes {
  std::chrono::milliseconds start_timeout{0};
  std::chrono::milliseconds drain_timeout{0};
  BackoffLimits backoff;
};

// What a slot needs of its house.
struct SlotHooks {
  // Starts a process for a generation of this slot's worker.
  std::function<Result<std::shared_ptr<Process>>(const WorkerSpec& worker, std::int64_t generation)> launch;
  // A process has begun or has ended (and was reaped); Processes() says so already.
  std::function<void()> population;
  // The current process would not start, and says that another one would not either.
  std::function<void(const Exit& exit)> refused;
};

class Slot {
 public:
  // `changed` is notified whenever something that operators see has changed.
  Slot(asio::io_context& io, const Clock& clock, WorkerSpec spec, SlotTimes times, SlotHooks hooks,
       async::Broadcast& changed);

  void Start() { Handle(LifeEvent::kStartAsked); }
  void Restart() { Handle(spec_.overlap ? LifeEvent::kRestartAsked : LifeEvent::kRecycleAsked); }
  void Drain(std::chrono::milliseconds deadline);
  // Gives up on a successor that is not ready; the old generation goes on.
  void DropSuccessor();
  void SetTimes(SlotTimes times);

  // A process of this slot said that it is ready.
  void OnReady(const std::shared_ptr<Process>& process);
  // The process of that generation, if it is one of ours and alive.
  std::shared_ptr<Process> Find(std::int64_t generation) const;
  // Every living process.
  std::vector<std::shared_ptr<Process>> Processes() const;
  // Gives an order to every process that is attached.
  void Order(const worker::v1::SupervisorOrder& order) const;

  const WorkerSpec& spec() const { return spec_; }
  const SlotTimes& times() const { return times_; }
  Phase phase() const { return phase_; }
  const std::shared_ptr<Process>& current() const { return current_; }
  const std::shared_ptr<Process>& successor() const { return successor_; }
  // Nothing of it runs and nothing will.
  bool gone() const { return phase_ == Phase::kDown && leaving_.empty(); }
  bool serving() const { return phase_ == Phase::kReady || phase_ == Phase::kReplacing; }
  std::int64_t last_generation() const { return generation_; }
  std::int64_t restarts() const { return restarts_; }
  const std::string& last_exit() const { return last_exit_; }
  // While backing off or failed.
  WallTime next_start_at() const { return next_start_at_; }

 private:
  void Handle(LifeEvent event);
  void Do(Action action);
  std::shared_ptr<Process> LaunchNext();
  void ArmDelay();
  void OnExit(const std::shared_ptr<Process>& process, const Exit& exit);
  void OnCurrentGone(bool was_ready);
  void Leave(std::shared_ptr<Process> process);

  asio::io_context& io_;
  const Clock& clock_;
  WorkerSpec spec_;
  SlotTimes times_;
  SlotHooks hooks_;
  async::Broadcast& changed_;
  Backoff backoff_;
  asio::steady_timer delay_timer_;

  Phase phase_ = Phase::kDown;
  std::shared_ptr<Process> current_;
  std::shared_ptr<Process> successor_;
  std::vector<std::shared_ptr<Process>> leaving_;  // replaced, draining
  std::chrono::milliseconds drain_deadline_{0};
  std::chrono::milliseconds delay_{0};
  std::int64_t generation_ = 0;
  std::int64_t restarts_ = 0;
  std::string last_exit_;
  std::string failure_told_;  // the last_exit that a failed slot has logged: the slow retries repeat it
  WallTime next_start_at_{};
};

}  // namespace patchbay::supervisor
