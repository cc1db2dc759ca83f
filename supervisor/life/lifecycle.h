// The life of a worker as a table: phase × event → next phase and what to do.
//
//   down → starting → ready → draining → down
//             ↑  ↓      ↓
//        backing_off / failed
//
// Two phases refine what operators see: `replacing` is ready with a successor on its way, `recycling` is draining with
// a start to follow. Pure: no clock, no processes. A slot carries the actions out.
#pragma once

#include <string_view>

namespace patchbay::supervisor {

enum class Phase { kDown, kStarting, kReady, kReplacing, kDraining, kRecycling, kBackingOff, kFailed };
inline constexpr Phase kAllPhases[] = {Phase::kDown,     Phase::kStarting,  Phase::kReady,      Phase::kReplacing,
                                       Phase::kDraining, Phase::kRecycling, Phase::kBackingOff, Phase::kFailed};

enum class LifeEvent {
  kStartAsked,      // it should run
  kRestartAsked,    // a new generation, ready before the old one drains
  kRecycleAsked,    // a new generation, after the old one has drained
  kDrainAsked,      // it should not run
  kReadySaid,       // the worker's own word
  kStartTimedOut,   // the generation that is starting has not become ready in time
  kDied,            // the current process ended
  kDiedTooOften,    // the same, and the backoff has given up on quick restarts
  kDelayElapsed,    // the wait before the next start is over
  kSuccessorReady,  // the successor's own word
  kSuccessorDied,
};
inline constexpr LifeEvent kAllLifeEvents[] = {
    LifeEvent::kStartAsked,   LifeEvent::kRestartAsked,   LifeEvent::kRecycleAsked, LifeEvent::kDrainAsked,
    LifeEvent::kReadySaid,    LifeEvent::kStartTimedOut,  LifeEvent::kDied,         LifeEvent::kDiedTooOften,
    LifeEvent::kDelayElapsed, LifeEvent::kSuccessorReady, LifeEvent::kSuccessorDied};

enum class Action {
  kNothing,
  kSpawn,           // start a process as the current one
  kSpawnSuccessor,  // start a process beside the current one
  kAnnounce,        // it is ready: the backoff is told, waiters wake up
  kStop,            // drain the current process, and the successor if there is one
  kKill,            // end the process that did not become ready
  kDelay,           // wait as long as the backoff says, then kDelayElapsed
  kPromote,         // the successor becomes the current process; the old one drains
  kAdopt,           // the successor becomes the current process; the old one is gone
  kForget,          // nothing runs and nothing shall: drop a pending delay
  kRefuse,          // cannot happen: a bug in whoever sent the event; nothing changes
};

struct Transition {
  Phase next;
  Action action;
  bool operator==(const Transition&) const = default;
};

Transition Next(Phase phase, LifeEvent event);

std::string_view ToString(Phase phase);
std::string_view ToString(LifeEvent event);
std::string_view ToString(Action action);

// How one process is made to end: asked, then told, then ended.
enum class StopStep { kRunning, kAskedToDrain, kTerminated, kKilled };
StopStep Escalate(StopStep step);

}  // namespace patchbay::supervisor
