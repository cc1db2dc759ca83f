// One generation of one worker: its process, its output, its attach stream, and the steps that end it.
// Single-threaded. Lives until its exit was seen and everybody who refers to it has let go.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "patchbay/worker/v1/supervision.pb.h"
#include "supervisor/child/child.h"
#include "supervisor/child/watch.h"
#include "supervisor/life/lifecycle.h"
#include "supervisor/life/link.h"
#include "supervisor/logs/log_hub.h"

namespace patchbay::supervisor {

class Process : public std::enable_shared_from_this<Process> {
 public:
  // After SIGTERM, and after a drain's deadline, how long until the next step.
  static constexpr std::chrono::milliseconds kTermPatience{2000};
  static constexpr std::chrono::milliseconds kDrainMargin{1000};
  // Between the end of the attach stream and the process's own.
  static constexpr std::chrono::milliseconds kDetachedPatience{500};

  // Starts it. `request.output` is filled in here; what the process writes goes to `logs` as `source` (whose process id
  // is filled in here too).
  static Result<std::shared_ptr<Process>> Start(asio::io_context& io, const Clock& clock, LogHub& logs,
                                                ChildRequest request, LogSource source);
  // Called once, when the process has ended. It may let go of the process.
  void OnExit(std::function<void(Exit)> callback) { on_exit_ = std::move(callback); }
  // Called once if the process is not ready after `limit`.
  void OnStartTimeout(std::chrono::milliseconds limit, std::function<void()> callback);

  // Asks it to drain within `deadline`, then SIGTERM, then SIGKILL. Asking again can only bring the deadline forward.
  void Stop(std::chrono::milliseconds deadline);
  // SIGKILL now.
  void Kill();
  // Its attach stream has ended. A worker lives and dies by it: one that goes on without is stopped.
  void OnDetached();
  // Its own word. False when it has said so before.
  bool MarkReady();

  const std::string& worker() const { return source_.worker; }
  std::int64_t generation() const { return source_.generation; }
  pid_t pid() const { return source_.pid; }
  bool ready() const { return ready_; }
  bool running() const { return running_; }
  StopStep stop_step() const { return stop_step_; }
  SteadyTime started_at() const { return started_at_; }

  // Set while attached.
  std::shared_ptr<Link> link;
  // A generation attaches once.
  bool has_attached = false;
  std::string version;
  worker::v1::Stats stats;
  // What it said to the last configuration that it was told after its first.
  worker::v1::ConfigurationApplied applied;

 private:
  Process(asio::io_context& io, LogSource source, SteadyTime started_at);
  void ArmStop(std::chrono::milliseconds delay);
  void NextStopStep();

  asio::io_context& io_;
  LogSource source_;
  SteadyTime started_at_;
  std::unique_ptr<ChildWatch> watch_;
  asio::steady_timer start_timer_;
  asio::steady_timer stop_timer_;
  std::function<void(Exit)> on_exit_;
  StopStep stop_step_ = StopStep::kRunning;
  bool ready_ = false;
  bool running_ = true;
};

}  // namespace patchbay::supervisor
