#include "supervisor/life/lifecycle.h"

namespace patchbay::supervisor {
namespace {

using P = Phase;
using A = Action;

// An event that was true when it was sent and no longer matters: a timer that raced with an exit, a word said twice.
constexpr Transition Stay(Phase phase) { return {phase, A::kNothing}; }
constexpr Transition Refuse(Phase phase) { return {phase, A::kRefuse}; }

Transition FromDown(LifeEvent event) {
  switch (event) {
    case LifeEvent::kStartAsked:
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked: return {P::kStarting, A::kSpawn};
    case LifeEvent::kDrainAsked:
    case LifeEvent::kStartTimedOut:
    case LifeEvent::kDelayElapsed: return Stay(P::kDown);
    case LifeEvent::kReadySaid:
    case LifeEvent::kDied:
    case LifeEvent::kDiedTooOften:
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(P::kDown);
  }
  return Refuse(P::kDown);
}

Transition FromStarting(LifeEvent event) {
  switch (event) {
    case LifeEvent::kReadySaid: return {P::kReady, A::kAnnounce};
    // The process is ended; its death is the next event and counts as a bad start.
    case LifeEvent::kStartTimedOut: return {P::kStarting, A::kKill};
    case LifeEvent::kDied: return {P::kBackingOff, A::kDelay};
    case LifeEvent::kDiedTooOften: return {P::kFailed, A::kDelay};
    case LifeEvent::kDrainAsked: return {P::kDraining, A::kStop};
    // What is starting is new already.
    case LifeEvent::kStartAsked:
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked:
    case LifeEvent::kDelayElapsed: return Stay(P::kStarting);
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(P::kStarting);
  }
  return Refuse(P::kStarting);
}

Transition FromReady(LifeEvent event) {
  switch (event) {
    case LifeEvent::kRestartAsked: return {P::kReplacing, A::kSpawnSuccessor};
    case LifeEvent::kRecycleAsked: return {P::kRecycling, A::kStop};
    case LifeEvent::kDrainAsked: return {P::kDraining, A::kStop};
    case LifeEvent::kDied: return {P::kBackingOff, A::kDelay};
    case LifeEvent::kDiedTooOften: return {P::kFailed, A::kDelay};
    case LifeEvent::kStartAsked:
    case LifeEvent::kReadySaid:
    case LifeEvent::kStartTimedOut:
    case LifeEvent::kDelayElapsed: return Stay(P::kReady);
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(P::kReady);
  }
  return Refuse(P::kReady);
}

Transition FromReplacing(LifeEvent event) {
  switch (event) {
    case LifeEvent::kSuccessorReady: return {P::kReady, A::kPromote};
    // The old generation goes on serving; whoever asked for the restart is told.
    case LifeEvent::kSuccessorDied: return Stay(P::kReady);
    case LifeEvent::kStartTimedOut: return {P::kReplacing, A::kKill};
    // The successor is on its way already: no backoff, however often the old one died.
    case LifeEvent::kDied:
    case LifeEvent::kDiedTooOften: return {P::kStarting, A::kAdopt};
    case LifeEvent::kDrainAsked: return {P::kDraining, A::kStop};
    case LifeEvent::kStartAsked:
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked:
    case LifeEvent::kReadySaid:
    case LifeEvent::kDelayElapsed: return Stay(P::kReplacing);
  }
  return Refuse(P::kReplacing);
}

Transition FromDraining(LifeEvent event) {
  switch (event) {
    case LifeEvent::kStartAsked:
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked: return Stay(P::kRecycling);
    case LifeEvent::kDied:
    case LifeEvent::kDiedTooOften: return {P::kDown, A::kForget};
    case LifeEvent::kDrainAsked:
    case LifeEvent::kReadySaid:
    case LifeEvent::kStartTimedOut:
    case LifeEvent::kDelayElapsed: return Stay(P::kDraining);
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(P::kDraining);
  }
  return Refuse(P::kDraining);
}

Transition FromRecycling(LifeEvent event) {
  switch (event) {
    // It was asked to go, so its death says nothing bad about it: the next start is at once.
    case LifeEvent::kDied:
    case LifeEvent::kDiedTooOften: return {P::kStarting, A::kSpawn};
    case LifeEvent::kDrainAsked: return Stay(P::kDraining);
    case LifeEvent::kStartAsked:
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked:
    case LifeEvent::kReadySaid:
    case LifeEvent::kStartTimedOut:
    case LifeEvent::kDelayElapsed: return Stay(P::kRecycling);
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(P::kRecycling);
  }
  return Refuse(P::kRecycling);
}

// Backing off and failed differ in how long they wait and in what operators see, not in what they do.
Transition FromWaiting(Phase phase, LifeEvent event) {
  switch (event) {
    case LifeEvent::kRestartAsked:
    case LifeEvent::kRecycleAsked:
    case LifeEvent::kDelayElapsed: return {P::kStarting, A::kSpawn};
    case LifeEvent::kDrainAsked: return {P::kDown, A::kForget};
    case LifeEvent::kStartAsked:
    case LifeEvent::kStartTimedOut: return Stay(phase);
    case LifeEvent::kReadySaid:
    case LifeEvent::kDied:
    case LifeEvent::kDiedTooOften:
    case LifeEvent::kSuccessorReady:
    case LifeEvent::kSuccessorDied: return Refuse(phase);
  }
  return Refuse(phase);
}

}  // namespace

Transition Next(Phase phase, LifeEvent event) {
  switch (phase) {
    case Phase::kDown: return FromDown(event);
    case Phase::kStarting: return FromStarting(event);
    case Phase::kReady: return FromReady(event);
    case Phase::kReplacing: return FromReplacing(event);
    case Phase::kDraining: return FromDraining(event);
    case Phase::kRecycling: return FromRecycling(event);
    case Phase::kBackingOff:
    case Phase::kFailed: return FromWaiting(phase, event);
  }
  return Refuse(phase);
}

std::string_view ToString(Phase phase) {
  switch (phase) {
    case Phase::kDown: return "down";
    case Phase::kStarting: return "starting";
    case Phase::kReady: return "ready";
    case Phase::kReplacing: return "replacing";
    case Phase::kDraining: return "draining";
    case Phase::kRecycling: return "recycling";
    case Phase::kBackingOff: return "backing_off";
    case Phase::kFailed: return "failed";
  }
  return "unknown";
}

std::string_view ToString(LifeEvent event) {
  switch (event) {
    case LifeEvent::kStartAsked: return "start_asked";
    case LifeEvent::kRestartAsked: return "restart_asked";
    case LifeEvent::kRecycleAsked: return "recycle_asked";
    case LifeEvent::kDrainAsked: return "drain_asked";
    case LifeEvent::kReadySaid: return "ready_said";
    case LifeEvent::kStartTimedOut: return "start_timed_out";
    case LifeEvent::kDied: return "died";
    case LifeEvent::kDiedTooOften: return "died_too_often";
    case LifeEvent::kDelayElapsed: return "delay_elapsed";
    case LifeEvent::kSuccessorReady: return "successor_ready";
    case LifeEvent::kSuccessorDied: return "successor_died";
  }
  return "unknown";
}

std::string_view ToString(Action action) {
  switch (action) {
    case Action::kNothing: return "nothing";
    case Action::kSpawn: return "spawn";
    case Action::kSpawnSuccessor: return "spawn_successor";
    case Action::kAnnounce: return "announce";
    case Action::kStop: return "stop";
    case Action::kKill: return "kill";
    case Action::kDelay: return "delay";
    case Action::kPromote: return "promote";
    case Action::kAdopt: return "adopt";
    case Action::kForget: return "forget";
    case Action::kRefuse: return "refuse";
  }
  return "unknown";
}

StopStep Escalate(StopStep step) {
  switch (step) {
    case StopStep::kRunning: return StopStep::kAskedToDrain;
    case StopStep::kAskedToDrain: return StopStep::kTerminated;
    case StopStep::kTerminated:
    case StopStep::kKilled: return StopStep::kKilled;
  }
  return StopStep::kKilled;
}

}  // namespace patchbay::supervisor
