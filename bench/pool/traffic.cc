#include "bench/pool/traffic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace patchbay::bench {
namespace {

// How busy the hours of a day are: offices by day, programs on their own by night.
constexpr std::array<double, 24> kHours = {.1, .05, .04, .03, .03, .05, .15, .4, .8, 1.2, 1.4, 1.4,
                                           1,  1.2, 1.5, 1.5, 1.4, 1.2, .8,  .6, .6, .5,  .4,  .2};
constexpr double kWeekend = .35;
constexpr double kDaySpread = .5;                 // of the logarithm of a day's demand
constexpr double kBurstChance = .06, kBurst = 3;  // of an hour
// Turns of a conversation: half have fewer than seven, one in a hundred more than seventy.
constexpr double kTurnsLog = 1.9, kTurnsSpread = 1;
constexpr Seconds kThinking = 120;
constexpr Seconds kFirstOutput = 5, kAnswering = 25;
constexpr double kContextMax = 2.5;  // beside a mean of 0.12 that is new in a turn; clients compact then

}  // namespace

double Random::Unit() {
  // SplitMix64.
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (static_cast<double>((z ^ (z >> 31)) >> 11) + .5) / 9007199254740992.0;
}

double Random::Exponential(double mean) { return -mean * std::log(Unit()); }

double Random::Normal() {
  const double radius = std::sqrt(-2 * std::log(Unit()));
  return radius * std::cos(2 * std::numbers::pi * Unit());
}

std::vector<Turn> MakeTraffic(std::uint64_t seed, int weeks, int conversations, double tokens) {
  Random random(seed);
  std::vector<double> hours;
  for (int day = 0; day < weeks * 7; ++day) {
    const double busy = (day % 7 >= 5 ? kWeekend : 1) * std::exp(kDaySpread * random.Normal());
    for (const double hour : kHours) hours.push_back(busy * hour * (random.Unit() < kBurstChance ? kBurst : 1));
  }
  double all = 0;
  for (const double hour : hours) all += hour;

  const Seconds end = weeks * kWeek;
  std::vector<Turn> turns;
  std::uint32_t conversation = 0;
  for (std::size_t hour = 0; hour < hours.size(); ++hour) {
    const double mean_gap = kHour * all / (hours[hour] * conversations);
    const Seconds from = static_cast<double>(hour) * kHour;
    for (Seconds at = random.Exponential(mean_gap); at < kHour; at += random.Exponential(mean_gap)) {
      const int count = std::max(1, static_cast<int>(std::exp(kTurnsLog + kTurnsSpread * random.Normal())));
      double context = 0;
      Seconds start = from + at;
      for (int i = 0; i < count && start < end; ++i) {
        const double in = .02 + random.Exponential(.05), out = random.Exponential(.05);
        turns.push_back({start, kFirstOutput + random.Exponential(kAnswering), conversation, context, in + out});
        context = std::min(context + in + out, kContextMax);
        start += turns.back().lasts + random.Exponential(kThinking);
      }
      ++conversation;
    }
  }
  std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) { return a.at < b.at; });
  double sum = 0;
  for (const Turn& turn : turns) sum += turn.tokens();
  for (Turn& turn : turns) {
    turn.context *= tokens / sum;
    turn.fresh *= tokens / sum;
  }
  return turns;
}

}  // namespace patchbay::bench
