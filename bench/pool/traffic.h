// Simulated demand: conversations, each a series of turns, over weeks of days that differ.
#pragma once

#include <cstdint>
#include <vector>

namespace patchbay::bench {

using Seconds = double;
inline constexpr Seconds kMinute = 60, kHour = 3600, kDay = 24 * kHour, kWeek = 7 * kDay;

// What a provider counts of a token that it had in its prompt cache.
inline constexpr double kCachedPrice = 0.1;

struct Turn {
  Seconds at = 0;
  Seconds lasts = 0;
  std::uint32_t conversation = 0;
  double context = 0;  // tokens of the turns before, which a prompt cache may have
  double fresh = 0;    // tokens that are new, in and out
  // What the turn is worth, whoever serves it.
  double tokens() const { return context * kCachedPrice + fresh; }
};

// Turns in order of time, worth `tokens` all together, in about `conversations` conversations. The same arguments give
// the same traffic.
std::vector<Turn> MakeTraffic(std::uint64_t seed, int weeks, int conversations, double tokens);

// Random numbers that are the same everywhere: the standard's distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  double Unit();  // in (0, 1)
  double Exponential(double mean);
  double Normal();

 private:
  std::uint64_t state_;
};

}  // namespace patchbay::bench
