#include "supervisor/life/backoff.h"

#include <algorithm>

namespace patchbay::supervisor {
namespace {

// Remembers `now` and drops what is older than `window`; the deque never grows beyond `count_max`.
int CountRecent(std::deque<SteadyTime>& times, SteadyTime now, std::chrono::milliseconds window, int count_max) {
  times.push_back(now);
  while (!times.empty() && now - times.front() > window) times.pop_front();
  while (static_cast<int>(times.size()) > count_max) times.pop_front();
  return static_cast<int>(times.size());
}

constexpr int kDeathsRemembered = 100;

}  // namespace

void Backoff::OnReady() {
  consecutive_bad_starts_ = 0;
  failed_ = false;
}

Backoff::Verdict Backoff::OnDeath(SteadyTime now, bool was_ready, double jitter) {
  if (was_ready) {
    const int deaths = CountRecent(deaths_, now, kDeathWindow, kDeathsRemembered);
    if (deaths <= kFreeDeaths) return {};
    return {Delay(deaths - kFreeDeaths - 1, jitter), false};
  }
  ++consecutive_bad_starts_;
  const int bad_starts = CountRecent(bad_starts_, now, limits_.bad_starts_window, std::max(1, limits_.bad_starts_max));
  // Failed stays failed although the window moves on: the slow retries are what empties it.
  if (bad_starts >= limits_.bad_starts_max) failed_ = true;
  if (failed_) return {limits_.failed_retry, true};
  return {Delay(consecutive_bad_starts_ - 1, jitter), false};
}

std::chrono::milliseconds Backoff::Delay(int doublings, double jitter) const {
  auto nominal = std::min(limits_.initial, limits_.max);
  for (int i = 0; i < doublings && nominal < limits_.max; ++i) nominal = std::min(nominal * 2, limits_.max);
  const double share = 0.5 + 0.5 * std::clamp(jitter, 0.0, 1.0);
  return std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(static_cast<double>(nominal.count()) * share));
}

}  // namespace patchbay::supervisor
