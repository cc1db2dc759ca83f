#include "workers/accounts/pool/quota.h"

#include <algorithm>
#include <cmath>

namespace patchbay::accounts {
namespace {

std::string FamilyOf(const WindowFacts& window) { return IsGeneral(window) ? std::string() : window.name; }

}  // namespace

bool Quota::Merge(const QuotaFacts& facts, WallTime now) {
  bool changed = false;
  for (const WindowFacts& fact : facts.windows) {
    // All zero is how a backend says "no such window" (codex-wire §5).
    if (fact.used_percent == 0 && fact.length.count() == 0) continue;
    if (!std::isfinite(fact.used_percent)) continue;
    const std::string family = FamilyOf(fact);
    auto window = std::find_if(windows_.begin(), windows_.end(),
                               [&](const Window& w) { return w.family == family && w.length == fact.length; });
    if (window == windows_.end()) {
      if (windows_.size() >= kMaxWindows) continue;
      windows_.push_back({family, fact.length, 0, std::nullopt, now});
      window = windows_.end() - 1;
      changed = true;
    }
    const double used = std::clamp(fact.used_percent, 0.0, 100.0);
    if (window->used_percent != used || window->resets_at != fact.resets_at) changed = true;
    window->used_percent = used;
    window->resets_at = fact.resets_at;
    window->seen_at = now;
  }
  return changed;
}

double Quota::Headroom(WallTime now) const {
  double headroom = 100;
  for (const Window& window : windows_) {
    if (!window.family.empty() || (window.resets_at && *window.resets_at <= now)) continue;
    headroom = std::min(headroom, 100 - window.used_percent);
  }
  return headroom;
}

std::optional<WallTime> Quota::NextReset(WallTime now) const {
  std::optional<WallTime> next;
  for (const Window& window : windows_) {
    if (!window.family.empty() || !window.resets_at || *window.resets_at <= now) continue;
    if (!next || *window.resets_at < *next) next = window.resets_at;
  }
  return next;
}

std::optional<WallTime> Quota::FullUntil(WallTime now) const {
  std::optional<WallTime> latest;
  for (const Window& window : windows_) {
    if (!window.family.empty() || window.used_percent < 100 || !window.resets_at || *window.resets_at <= now) continue;
    if (!latest || *window.resets_at > *latest) latest = window.resets_at;
  }
  return latest;
}

}  // namespace patchbay::accounts
