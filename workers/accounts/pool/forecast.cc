#include "workers/accounts/pool/forecast.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Hours = std::chrono::duration<double, std::ratio<3600>>;

constexpr Hours kLatelyOfHours{1}, kLatelyOfDays{24};
// Of that time: a shorter look says more of the moment than of the rate.
constexpr double kLeastWatched = 1.0 / 6;
// As far as pools are looked ahead: two weeks see each weekly window reset.
constexpr std::chrono::hours kHorizon{14 * 24};
constexpr int kStepsMax = 4000;
// Percents that are none: sums of fractions seldom are whole.
constexpr double kCrumb = 1e-6;

Hours LatelyOf(const Window& window) {
  return window.length <= std::chrono::hours(24) ? kLatelyOfHours : kLatelyOfDays;
}

WallTime After(WallTime now, double hours) {
  constexpr double kFar = 24.0 * 366;
  return now + duration_cast<milliseconds>(Hours(std::min(hours, kFar)));
}

// One account on its way through the days to come.
struct Walker {
  struct Span {
    std::chrono::seconds length{0};
    double used = 0;
    std::optional<WallTime> resets_at;
  };
  std::vector<Span> spans;
  bool paid = false;  // goes on with credits

  bool has_room() const {
    return paid || std::all_of(spans.begin(), spans.end(), [](const Span& s) { return s.used < 100 - kCrumb; });
  }
  // Nothing: nobody has told when its full windows reset.
  std::optional<WallTime> back_at() const {
    std::optional<WallTime> latest;
    for (const Span& span : spans) {
      if (span.used < 100 - kCrumb) continue;
      if (!span.resets_at) return std::nullopt;
      if (!latest || *span.resets_at > *latest) latest = span.resets_at;
    }
    return latest;
  }
};

class Walk {
 public:
  Walk(const std::vector<const Quota*>& accounts, WallTime now, Outlook& outlook) : now_(now), outlook_(outlook) {
    for (const Quota* quota : accounts) Add(*quota);
  }

  void Run() {
    const WallTime horizon = now_ + kHorizon;
    for (int step = 0; step < kStepsMax && now_ < horizon; ++step) {
      const auto running =
          std::count_if(walkers_.begin(), walkers_.end(), [](const Walker& w) { return w.has_room(); });
      if (step == 0) outlook_.with_room = static_cast<int>(running);
      if (running == 0) {
        outlook_.dry_at = now_;
        break;
      }
      Advance(std::min(NextChange(static_cast<double>(running)), horizon), static_cast<double>(running));
    }
    outlook_.seen_until = now_;
  }

  std::optional<WallTime> FirstBack() const {
    std::optional<WallTime> first;
    for (const Walker& walker : walkers_) {
      const auto back = walker.back_at();
      if (back && (!first || *back < *first)) first = back;
    }
    return first;
  }

 private:
  void Add(const Quota& quota) {
    Walker walker;
    walker.paid = quota.has_credits();
    bool known = false;
    for (const Window& window : quota.windows()) {
      if (!window.family.empty()) continue;
      const bool over = window.resets_at && *window.resets_at <= now_;
      walker.spans.push_back({window.length, UsedOf(window, now_), over ? std::nullopt : window.resets_at});
      const auto rate = PercentPerHour(window, now_);
      known = known || rate;
      demand_[window.length] += rate.value_or(0);
    }
    if (!known) ++outlook_.unknown;
    if (!walker.spans.empty() || walker.paid) walkers_.push_back(std::move(walker));
  }

  // The next moment at which a window is full or resets.
  WallTime NextChange(double running) const {
    WallTime next = WallTime::max();
    for (const Walker& walker : walkers_) {
      const bool runs = walker.has_room();
      for (const Walker::Span& span : walker.spans) {
        const double rate = demand_.at(span.length) / running;
        if (runs && !walker.paid && rate > 0) {
          next = std::min(next, std::max(now_ + milliseconds(1), After(now_, (100 - span.used) / rate)));
        }
        if (span.resets_at) next = std::min(next, std::max(*span.resets_at, now_ + milliseconds(1)));
      }
    }
    return next;
  }

  void Advance(WallTime to, double running) {
    const double hours = Hours(to - now_).count();
    for (Walker& walker : walkers_) {
      const bool runs = walker.has_room();
      for (Walker::Span& span : walker.spans) {
        const double rate = runs ? demand_.at(span.length) / running : 0;
        span.used = std::min(100.0, span.used + rate * hours);
        // It begins with its first use.
        if (!span.resets_at && rate > 0 && span.length.count() > 0) span.resets_at = now_ + span.length;
        if (!span.resets_at || *span.resets_at > to) continue;
        span.used = 0;
        span.resets_at.reset();
      }
    }
    now_ = to;
  }

  WallTime now_;
  Outlook& outlook_;
  std::vector<Walker> walkers_;
  std::map<std::chrono::seconds, double> demand_;  // percents an hour, of all accounts, by the windows' length
};

}  // namespace

double SpentLately(const Window& window, WallTime now) {
  const double passed = std::max(0.0, Hours(now - window.seen_at).count());
  return window.spent_lately * std::exp(-passed / LatelyOf(window).count());
}

std::optional<double> PercentPerHour(const Window& window, WallTime now) {
  const double lately = LatelyOf(window).count();
  const double watched = Hours(now - window.watched_since).count();
  if (window.is_rate() || watched < kLeastWatched * lately) return std::nullopt;
  return SpentLately(window, now) / (lately * (1 - std::exp(-watched / lately)));
}

std::optional<WallTime> DryAt(const Window& window, WallTime now) {
  const double left = 100 - UsedOf(window, now);
  if (left <= 0) return now;
  const auto rate = PercentPerHour(window, now);
  if (!rate || *rate * Hours(kHorizon).count() < left) return std::nullopt;
  const WallTime dry = After(now, left / *rate);
  return window.resets_at && *window.resets_at > now && dry >= *window.resets_at ? std::nullopt : std::optional(dry);
}

std::optional<WallTime> DryAt(const Quota& quota, WallTime now) {
  if (quota.has_credits()) return std::nullopt;
  std::optional<WallTime> first;
  for (const Window& window : quota.windows()) {
    if (!window.family.empty()) continue;
    const auto dry = DryAt(window, now);
    if (dry && (!first || *dry < *first)) first = dry;
  }
  return first;
}

Outlook OutlookOf(const std::vector<const Quota*>& accounts, WallTime now) {
  Outlook outlook;
  outlook.seen_until = now;
  Walk walk(accounts, now, outlook);
  const auto back = walk.FirstBack();
  walk.Run();
  if (outlook.with_room == 0) outlook.back_at = back;
  return outlook;
}

}  // namespace patchbay::accounts
