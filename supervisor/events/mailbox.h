// What one notification still has to tell: which events it wants, which of them were told already, what waits and when
// it is tried next. Pure.
//
// The same of the same account, key or provider (past the same threshold) is told once in a while, and an end only
// where the trouble was told: an account that comes and goes all day is one message and its end, not a hundred. What
// waits is bounded, and so is how often it is tried.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "lib/base/clock.h"
#include "supervisor/events/event_ring.h"

namespace patchbay::supervisor {

struct MailboxRules {
  std::set<events::v1::EventKind> kinds;  // none: all that are meant to be told
  std::chrono::milliseconds quiet{0};
};

class Mailbox {
 public:
  static constexpr std::size_t kWaiting = 100;
  // Tries of one event: after 1 s, 2 s, … 5 min, for about half an hour.
  static constexpr int kTries = 14;
  static constexpr std::chrono::milliseconds kFirstPause{1000};
  static constexpr std::chrono::milliseconds kLongestPause{300'000};
  static constexpr std::size_t kRemembered = 10'000;  // troubles that were told

  void SetRules(MailboxRules rules) { rules_ = std::move(rules); }
  void Offer(const SeenEvent& seen, SteadyTime now);

  // The event to be tried now; null when nothing waits or it is too early. It stays until Told or Failed.
  const SeenEvent* Due(SteadyTime now) const;
  // When there may be one; nothing while nothing waits.
  std::optional<SteadyTime> NextTry() const;
  void Told();
  // False: it has been tried often enough, and is dropped.
  bool Failed(SteadyTime now);

  std::size_t waiting() const { return waiting_.size(); }
  std::int64_t told() const { return told_; }
  std::int64_t dropped() const { return dropped_; }
  int tries() const { return tries_; }

 private:
  bool Wants(events::v1::EventKind kind) const;
  void Push(const SeenEvent& seen);
  void Forget(SteadyTime now);

  MailboxRules rules_;
  std::deque<SeenEvent> waiting_;
  int tries_ = 0;  // of the first, in vain
  SteadyTime next_try_{};
  std::map<std::string, SteadyTime> told_at_;  // by kind, subject and threshold
  std::set<std::string> open_;                 // subjects whose trouble was told and not its end
  std::int64_t told_ = 0;
  std::int64_t dropped_ = 0;
};

}  // namespace patchbay::supervisor
