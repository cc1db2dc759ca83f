#include "supervisor/life/lifecycle.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace patchbay::supervisor {
namespace {

using P = Phase;
using E = LifeEvent;
using A = Action;

// Every pair, written out once more and by hand: phases are rows, events are columns in the order of kAllLifeEvents.
//   start_asked, restart_asked, recycle_asked, drain_asked, ready_said, start_timed_out, died, died_too_often,
//   delay_elapsed, successor_ready, successor_died
const std::map<Phase, std::vector<Transition>> kExpected = {
    {P::kDown,
     {{P::kStarting, A::kSpawn},
      {P::kStarting, A::kSpawn},
      {P::kStarting, A::kSpawn},
      {P::kDown, A::kNothing},
      {P::kDown, A::kRefuse},
      {P::kDown, A::kNothing},
      {P::kDown, A::kRefuse},
      {P::kDown, A::kRefuse},
      {P::kDown, A::kNothing},
      {P::kDown, A::kRefuse},
      {P::kDown, A::kRefuse}}},
    {P::kStarting,
     {{P::kStarting, A::kNothing},
      {P::kStarting, A::kNothing},
      {P::kStarting, A::kNothing},
      {P::kDraining, A::kStop},
      {P::kReady, A::kAnnounce},
      {P::kStarting, A::kKill},
      {P::kBackingOff, A::kDelay},
      {P::kFailed, A::kDelay},
      {P::kStarting, A::kNothing},
      {P::kStarting, A::kRefuse},
      {P::kStarting, A::kRefuse}}},
    {P::kReady,
     {{P::kReady, A::kNothing},
      {P::kReplacing, A::kSpawnSuccessor},
      {P::kRecycling, A::kStop},
      {P::kDraining, A::kStop},
      {P::kReady, A::kNothing},
      {P::kReady, A::kNothing},
      {P::kBackingOff, A::kDelay},
      {P::kFailed, A::kDelay},
      {P::kReady, A::kNothing},
      {P::kReady, A::kRefuse},
      {P::kReady, A::kRefuse}}},
    {P::kReplacing,
     {{P::kReplacing, A::kNothing},
      {P::kReplacing, A::kNothing},
      {P::kReplacing, A::kNothing},
      {P::kDraining, A::kStop},
      {P::kReplacing, A::kNothing},
      {P::kReplacing, A::kKill},
      {P::kStarting, A::kAdopt},
      {P::kStarting, A::kAdopt},
      {P::kReplacing, A::kNothing},
      {P::kReady, A::kPromote},
      {P::kReady, A::kNothing}}},
    {P::kDraining,
     {{P::kRecycling, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kDraining, A::kNothing},
      {P::kDraining, A::kNothing},
      {P::kDraining, A::kNothing},
      {P::kDown, A::kForget},
      {P::kDown, A::kForget},
      {P::kDraining, A::kNothing},
      {P::kDraining, A::kRefuse},
      {P::kDraining, A::kRefuse}}},
    {P::kRecycling,
     {{P::kRecycling, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kDraining, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kRecycling, A::kNothing},
      {P::kStarting, A::kSpawn},
      {P::kStarting, A::kSpawn},
      {P::kRecycling, A::kNothing},
      {P::kRecycling, A::kRefuse},
      {P::kRecycling, A::kRefuse}}},
    {P::kBackingOff,
     {{P::kBackingOff, A::kNothing},
      {P::kStarting, A::kSpawn},
      {P::kStarting, A::kSpawn},
      {P::kDown, A::kForget},
      {P::kBackingOff, A::kRefuse},
      {P::kBackingOff, A::kNothing},
      {P::kBackingOff, A::kRefuse},
      {P::kBackingOff, A::kRefuse},
      {P::kStarting, A::kSpawn},
      {P::kBackingOff, A::kRefuse},
      {P::kBackingOff, A::kRefuse}}},
    {P::kFailed,
     {{P::kFailed, A::kNothing},
      {P::kStarting, A::kSpawn},
      {P::kStarting, A::kSpawn},
      {P::kDown, A::kForget},
      {P::kFailed, A::kRefuse},
      {P::kFailed, A::kNothing},
      {P::kFailed, A::kRefuse},
      {P::kFailed, A::kRefuse},
      {P::kStarting, A::kSpawn},
      {P::kFailed, A::kRefuse},
      {P::kFailed, A::kRefuse}}},
};

TEST(Lifecycle, AnswersEveryPairAsTheTableSays) {
  for (const Phase phase : kAllPhases) {
    const auto& row = kExpected.at(phase);
    ASSERT_EQ(row.size(), std::size(kAllLifeEvents));
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Transition got = Next(phase, kAllLifeEvents[i]);
      EXPECT_EQ(ToString(got.next), ToString(row[i].next)) << ToString(phase) << " × " << ToString(kAllLifeEvents[i]);
      EXPECT_EQ(ToString(got.action), ToString(row[i].action))
          << ToString(phase) << " × " << ToString(kAllLifeEvents[i]);
    }
  }
}

TEST(Lifecycle, ChangesNothingWhenItRefuses) {
  for (const Phase phase : kAllPhases) {
    for (const LifeEvent event : kAllLifeEvents) {
      const Transition got = Next(phase, event);
      if (got.action == Action::kRefuse) {
        EXPECT_EQ(got.next, phase);
      }
    }
  }
}

TEST(Lifecycle, EndsEveryPhaseInDownAfterADrain) {
  // A drain, and then whatever ends the process: nothing keeps a worker alive that shall not run.
  for (const Phase phase : kAllPhases) {
    Phase now = Next(phase, LifeEvent::kDrainAsked).next;
    if (now != Phase::kDown) now = Next(now, LifeEvent::kDied).next;
    EXPECT_EQ(now, Phase::kDown) << ToString(phase);
  }
}

TEST(Lifecycle, NeverForgetsAWorkerThatShallRun) {
  // From every phase some sequence of a process's and a timer's events leads back to ready.
  for (const Phase phase : kAllPhases) {
    if (phase == Phase::kDown || phase == Phase::kDraining) continue;
    std::set<Phase> seen = {phase};
    std::vector<Phase> todo = {phase};
    while (!todo.empty()) {
      const Phase from = todo.back();
      todo.pop_back();
      for (const LifeEvent event : {LifeEvent::kReadySaid, LifeEvent::kDied, LifeEvent::kDelayElapsed}) {
        if (seen.insert(Next(from, event).next).second) todo.push_back(Next(from, event).next);
      }
    }
    EXPECT_TRUE(seen.contains(Phase::kReady)) << ToString(phase);
    EXPECT_FALSE(seen.contains(Phase::kDown)) << ToString(phase);
  }
}

TEST(Lifecycle, GivesEveryNameOnce) {
  std::set<std::string_view> phases;
  std::set<std::string_view> events;
  for (const Phase phase : kAllPhases) phases.insert(ToString(phase));
  for (const LifeEvent event : kAllLifeEvents) events.insert(ToString(event));
  EXPECT_EQ(phases.size(), std::size(kAllPhases));
  EXPECT_EQ(events.size(), std::size(kAllLifeEvents));
}

TEST(StopSteps, GoFromAskingToKillingAndStayThere) {
  EXPECT_EQ(Escalate(StopStep::kRunning), StopStep::kAskedToDrain);
  EXPECT_EQ(Escalate(StopStep::kAskedToDrain), StopStep::kTerminated);
  EXPECT_EQ(Escalate(StopStep::kTerminated), StopStep::kKilled);
  EXPECT_EQ(Escalate(StopStep::kKilled), StopStep::kKilled);
}

}  // namespace
}  // namespace patchbay::supervisor
