// How long to wait before a worker is started again. Pure: told the time and the jitter.
//
// A worker that dies before it was ever ready made a bad start: the delay doubles with every consecutive one, and too
// many of them in the window mean failed, which is retried slowly and left only by becoming ready. A worker that dies
// after it was ready is started again at once; only when that happens very often does its delay grow too.
#pragma once

#include <chrono>
#include <deque>

#include "lib/base/clock.h"

namespace patchbay::supervisor {

// From the section `server` of the configuration, which has the defaults.
struct BackoffLimits {
  std::chrono::milliseconds initial{0};
  std::chrono::milliseconds max{0};
  int bad_starts_max = 0;
  std::chrono::milliseconds bad_starts_window{0};
  std::chrono::milliseconds failed_retry{0};
};

class Backoff {
 public:
  // Deaths after ready in `kDeathWindow` that are answered at once.
  static constexpr int kFreeDeaths = 30;
  static constexpr std::chrono::seconds kDeathWindow{10};

  struct Verdict {
    std::chrono::milliseconds delay{0};
    bool failed = false;
  };

  explicit Backoff(BackoffLimits limits) : limits_(limits) {}

  void SetLimits(BackoffLimits limits) { limits_ = limits; }
  void OnReady();
  // `jitter` is in [0, 1): the delay lies between half of its nominal value and the whole.
  Verdict OnDeath(SteadyTime now, bool was_ready, double jitter);

 private:
  std::chrono::milliseconds Delay(int doublings, double jitter) const;

  BackoffLimits limits_;
  std::deque<SteadyTime> bad_starts_;
  std::deque<SteadyTime> deaths_;
  int consecutive_bad_starts_ = 0;
  bool failed_ = false;
};

}  // namespace patchbay::supervisor
