// How long an account lets wait for the first token, beside its siblings: a soft score. An account that is slow and
// succeeds in the end is no failure, but where others are free they are better (wishes.md #10).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lib/base/clock.h"

namespace patchbay::accounts {

// Of one account: the mean of how much longer than usual it took, in doublings. It fades when nothing new is seen, so
// that an account that is avoided is tried again.
class Slowness {
 public:
  static constexpr int kSamplesLeast = 8;
  static constexpr double kShare = 0.2;  // of a new sample
  static constexpr std::chrono::minutes kHalvesIn{10};
  static constexpr int kStepsMax = 3;

  void Seen(double doublings, WallTime now);
  // 0: as fast as its siblings, or nobody knows; 1: it takes twice as long, 2: four times, 3: eight times and more.
  int Steps(WallTime now) const;
  // When it is one step less if nothing new is seen; nothing for 0.
  std::optional<WallTime> StepEnds(WallTime now) const;
  // How many times as long; 1 when nobody knows.
  double Factor(WallTime now) const;
  // The same for people; 0 where it makes no difference.
  int Times(WallTime now) const;

 private:
  double MeanAt(WallTime now) const;
  double mean_ = 0;
  int samples_ = 0;
  WallTime at_{};
};

// ", slower than its siblings (its first token takes 4 times as long)"
std::string SlownessText(int times);

// What is usual for each model of each provider. Bounded: the one that was seen longest ago is forgotten.
class UsualFirstTokens {
 public:
  static constexpr std::size_t kModelsMax = 200;
  // Larger requests take longer by themselves.
  static constexpr std::int64_t kInputTokensMax = 20'000;

  // How many doublings `first_token` is above what was usual before it; nothing for the first one.
  std::optional<double> Seen(const std::string& provider, const std::string& model,
                             std::chrono::milliseconds first_token);

 private:
  struct Usual {
    double mean = 0;  // of the binary logarithm of milliseconds
    std::uint64_t seen = 0;
  };
  std::map<std::pair<std::string, std::string>, Usual> usual_;
  std::uint64_t next_ = 1;
};

}  // namespace patchbay::accounts
