#include "bench/pool/fleet.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace patchbay::bench {
namespace {

// The proportions of plans are those that account pools report (account-pools §1.1, §1.2): a large plan has 6.7 times
// a small one's, most have only a week by now, and a free one a month. A week holds eight full windows of five hours.
const std::array<Plan, 5> kPlans = {{
    {"small", {{5 * kHour, 225}, {kWeek, 1800}}},
    {"large", {{5 * kHour, 1500}, {kWeek, 12'000}}},
    {"small, week only", {{kWeek, 1800}}},
    {"large, week only", {{kWeek, 12'000}}},
    {"free", {{30 * kDay, 600}}},
}};

}  // namespace

double Plan::weekly() const {
  double least = 1e300;
  for (const WindowSize& window : windows) least = std::min(least, window.tokens * kWeek / window.length);
  return least;
}

Fleet::Fleet(std::vector<const Plan*> plans) : plans_(std::move(plans)) {
  for (const Plan* plan : plans_) windows_.emplace_back(plan->windows.size());
}

std::optional<Seconds> Fleet::FullUntil(std::size_t account, Seconds now) const {
  std::optional<Seconds> until;
  for (std::size_t i = 0; i < windows_[account].size(); ++i) {
    const WindowState& window = windows_[account][i];
    if (window.resets_at <= now || window.used < plans_[account]->windows[i].tokens) continue;
    until = std::max(until.value_or(0), window.resets_at);
  }
  return until;
}

bool Fleet::AnyTakes(Seconds now) const {
  for (std::size_t account = 0; account < size(); ++account) {
    if (!FullUntil(account, now)) return true;
  }
  return false;
}

void Fleet::Begin(std::size_t account, Seconds now) {
  for (std::size_t i = 0; i < windows_[account].size(); ++i) {
    if (windows_[account][i].resets_at > now) continue;
    windows_[account][i] = {0, now + plans_[account]->windows[i].length};
  }
}

void Fleet::Charge(std::size_t account, double tokens, Seconds now) {
  Begin(account, now);  // a window may have ended while the answer came
  for (WindowState& window : windows_[account]) window.used += tokens;
}

std::vector<Reading> Fleet::Read(std::size_t account, Seconds now) const {
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < windows_[account].size(); ++i) {
    const WindowState& window = windows_[account][i];
    const WindowSize& size = plans_[account]->windows[i];
    if (window.resets_at <= now) continue;
    readings.push_back({size.length, std::min(100.0, std::floor(100 * window.used / size.tokens)), window.resets_at});
  }
  return readings;
}

std::vector<const Plan*> EqualPlans(std::size_t size) { return std::vector<const Plan*>(size, &kPlans[0]); }

std::vector<const Plan*> MixedPlans(std::size_t size) {
  constexpr std::array kMix = {0, 2, 1, 0, 2, 0, 3, 4, 0, 2};
  std::vector<const Plan*> plans;
  for (std::size_t i = 0; i < size; ++i) plans.push_back(&kPlans[static_cast<std::size_t>(kMix[i % kMix.size()])]);
  return plans;
}

}  // namespace patchbay::bench
