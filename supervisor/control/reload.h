// Reading the configuration again: what has changed, what each worker says to it, and back to what was when one
// refuses.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {

struct WorkerAnswer {
  enum class Kind { kApplied, kRefused, kNeedsRestart, kNoAnswer };
  std::string worker;
  Kind kind = Kind::kApplied;
  // The refusal, the settings that wait for a restart, or why there is no answer.
  std::string words;
  std::vector<std::string> settings;   // those that wait for a restart
  std::vector<std::string> new_files;  // those that name a file which holds something else than before
};

struct ReloadOutcome {
  std::int64_t revision = 0;  // of the configuration in force
  // A worker refused: the configuration before is in force again, everywhere, and `applied` is empty.
  bool refused = false;
  // Settings: "frontend.limits.body_bytes", "frontend.tls.certificate (what is in the file)".
  std::vector<std::string> applied;
  std::vector<std::string> needs_restart;  // and of what: "frontend.listen (restart patchbayd)"
  std::vector<WorkerAnswer> workers;       // of those that were attached, in the order of the manifest
};

// One at a time; `supervisor` outlives it.
class Reloader {
 public:
  // How long a worker may take to answer. It answers from its event loop, at once, unless it hangs or is still
  // starting.
  static constexpr std::chrono::seconds kAnswerPatience{5};

  explicit Reloader(Supervisor& supervisor) : supervisor_(supervisor) {}

  // kInvalidArgument: the file is wrong and nothing has changed. Waits for a reload that is under way.
  Awaitable<Result<ReloadOutcome>> Reload();

 private:
  // While it lives a reload is under way, and systemd knows.
  class Turn {
   public:
    explicit Turn(Reloader& reloader);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Reloader& reloader_;
    const bool told_;
  };

  Awaitable<Result<ReloadOutcome>> ReloadNow();
  // What every attached worker says to the configuration in force.
  Awaitable<std::vector<WorkerAnswer>> Answers();

  Supervisor& supervisor_;
  bool busy_ = false;
};

}  // namespace patchbay::supervisor
