#include "workers/accounts/limits/minute_window.h"

#include <algorithm>

namespace patchbay::accounts {

std::int64_t MinuteWindow::SecondOf(SteadyTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

void MinuteWindow::Advance(std::int64_t second) {
  if (second <= newest_) return;
  if (second - newest_ >= kSeconds) {
    slots_.fill(0);
  } else {
    for (std::int64_t each = newest_ + 1; each <= second; ++each) slots_.at(SlotOf(each)) = 0;
  }
  newest_ = second;
}

std::int64_t MinuteWindow::Sum(SteadyTime now) const {
  std::int64_t sum = 0;
  const std::int64_t oldest = SecondOf(now) - kSeconds + 1;
  for (std::int64_t second = std::max(oldest, newest_ - kSeconds + 1); second <= newest_; ++second) {
    if (second >= 0) sum += slots_.at(SlotOf(second));
  }
  return sum;
}

void MinuteWindow::Add(std::int64_t count, SteadyTime at, SteadyTime now) {
  Advance(SecondOf(now));
  const std::int64_t second = SecondOf(at);
  if (second < 0 || second > newest_ || second <= newest_ - kSeconds) return;
  slots_.at(SlotOf(second)) += count;
}

std::chrono::milliseconds MinuteWindow::UntilAtMost(std::int64_t count, SteadyTime now) const {
  std::int64_t left = Sum(now);
  const std::int64_t oldest = SecondOf(now) - kSeconds + 1;
  for (std::int64_t second = std::max<std::int64_t>({oldest, newest_ - kSeconds + 1, 0}); second <= newest_; ++second) {
    if (left <= count) break;
    left -= slots_.at(SlotOf(second));
    if (left > count) continue;
    const SteadyTime leaves{std::chrono::seconds(second + kSeconds)};
    return std::chrono::ceil<std::chrono::milliseconds>(leaves - now);
  }
  return std::chrono::milliseconds(0);
}

}  // namespace patchbay::accounts
