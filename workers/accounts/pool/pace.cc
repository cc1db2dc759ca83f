#include "workers/accounts/pool/pace.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;  // providers' lengths and times may be anything

constexpr double kSoftening = 0.25;
constexpr double kIdleRest = 0.5, kIdleRestOfDays = 1;
// A window at its limit is dear, not infinitely so: the mark says whether it is exhausted.
constexpr double kLeastLeft = 0.005;
constexpr double kStep = 1.1;
// A reading taken before the first use names a reset one whole length ahead, and moves with each reading.
constexpr Seconds kSliding{60};

bool Running(const Window& window, WallTime now) {
  if (!window.resets_at) return window.used_percent > 0;
  if (*window.resets_at <= now) return false;
  return window.used_percent > 0 || Seconds(*window.resets_at - window.seen_at) < Seconds(window.length) - kSliding;
}

double PriceOf(const Window& window, WallTime now) {
  if (!Running(window, now)) {
    return (window.length < std::chrono::hours(24) ? kIdleRest : kIdleRestOfDays) + kSoftening;
  }
  double rest = 1;
  if (window.resets_at && window.length.count() > 0) rest = Seconds(*window.resets_at - now) / Seconds(window.length);
  return (rest + kSoftening) / std::max(kLeastLeft, 1 - window.used_percent / 100);
}

// Where each step begins. A table, and not a logarithm for each price: the step of a price and the moment at which it
// is reached must agree to the last bit.
constexpr std::int64_t kFirstStep = -100;
const std::array<double, 201>& Bounds() {
  static const auto bounds = [] {
    std::array<double, 201> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::pow(kStep, static_cast<double>(i) + kFirstStep);
    return out;
  }();
  return bounds;
}

}  // namespace

double PriceOf(const Quota& quota, WallTime now) {
  double sum = 0;
  int windows = 0;
  for (const Window& window : quota.windows()) {
    if (!window.family.empty()) continue;
    sum += PriceOf(window, now);
    ++windows;
  }
  return windows == 0 ? kIdleRest + kSoftening : sum / windows;
}

Pace PaceOf(const Quota& quota, int weight, WallTime now) {
  const auto& bounds = Bounds();
  const auto price_at = [&](WallTime at) { return PriceOf(quota, at) / weight; };
  const double price = price_at(now);
  const auto above = std::upper_bound(bounds.begin(), bounds.end(), price);
  Pace pace{kFirstStep + (above - bounds.begin()) - 1, quota.NextReset(now)};
  if (!pace.until || above == bounds.begin()) return pace;
  // Until the next reset the price falls by the same amount each millisecond.
  const double bound = *(above - 1);
  const double there = price_at(*pace.until - milliseconds(1));
  if (there >= bound) return pace;
  const double part = (price - bound) / (price - there);
  const auto span = static_cast<double>((*pace.until - now).count() - 1);
  WallTime crossed = now + milliseconds(static_cast<std::int64_t>(part * span));
  while (crossed > now && price_at(crossed) < bound) crossed -= milliseconds(1);
  while (price_at(crossed) >= bound) crossed += milliseconds(1);
  pace.until = crossed;
  return pace;
}

}  // namespace patchbay::accounts
