// A circuit breaker for one way to one provider: when calls of several requests in a row fail on the way, new ones
// wait a little instead of piling up; then one goes ahead to see.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "lib/base/clock.h"

namespace patchbay::accounts {

class Breaker {
 public:
  // One request's attempts count once, so a single poisoned request can never open it.
  static constexpr int kRequestsToOpen = 5;
  static constexpr std::chrono::milliseconds kFirstPause{1000};
  static constexpr std::chrono::milliseconds kLongestPause{15000};
  // A scout that never reports back is replaced after this.
  static constexpr std::chrono::milliseconds kScoutPatience{10000};

  // May a call start now? When open, exactly one may after the pause: the scout.
  bool Allows(SteadyTime now) const { return !open_ || (now >= paused_until_ && now >= scout_until_); }
  // A call starts.
  void Started(SteadyTime now) {
    if (open_) scout_until_ = now + kScoutPatience;
  }
  // The provider answered, whatever it said.
  void Reached() {
    open_ = false;
    failures_ = 0;
    pause_ = kFirstPause;
  }
  void Failed(std::uint64_t request, SteadyTime now) {
    if (open_) {
      // Calls from before it opened still come in; only the scout's failure prolongs the pause.
      if (now < paused_until_) return;
      pause_ = std::min(pause_ * 2, kLongestPause);
      Pause(now);
      return;
    }
    if (failures_ > 0 && request == last_request_) return;
    last_request_ = request;
    if (++failures_ >= kRequestsToOpen) Pause(now);
  }
  bool open() const { return open_; }
  // It opened and the scout failed too: waiting longer is no use.
  bool hopeless() const { return open_ && pause_ > kFirstPause; }
  SteadyTime paused_until() const { return paused_until_; }

 private:
  void Pause(SteadyTime now) {
    open_ = true;
    paused_until_ = now + pause_;
    scout_until_ = {};
  }
  bool open_ = false;
  int failures_ = 0;
  std::uint64_t last_request_ = 0;
  std::chrono::milliseconds pause_ = kFirstPause;
  SteadyTime paused_until_{};
  SteadyTime scout_until_{};
};

}  // namespace patchbay::accounts
