#include "workers/accounts/pool/quota.h"

#include <algorithm>
#include <cmath>

#include "workers/accounts/pool/forecast.h"

namespace patchbay::accounts {
namespace {

constexpr std::size_t kMaxLimitNames = 16;

std::string FamilyOf(const WindowFacts& window) { return IsGeneral(window) ? std::string() : window.name; }

// All zero is how a backend says "no such window" (codex-wire §5).
bool IsNone(const WindowFacts& window) {
  return (window.used_percent == 0 && window.length.count() == 0 && !window.resets_at) ||
         !std::isfinite(window.used_percent);
}

bool IsOver(const Window& window, WallTime now) { return !window.resets_at || *window.resets_at <= now; }

}  // namespace

Window* Quota::Find(const std::string& family, std::chrono::seconds length) {
  const auto found = std::find_if(state_.windows.begin(), state_.windows.end(),
                                  [&](const Window& w) { return w.family == family && w.length == length; });
  return found == state_.windows.end() ? nullptr : &*found;
}

bool Quota::Merge(const QuotaFacts& facts, WallTime now) {
  bool changed = false;
  const std::size_t before = state_.windows.size();
  for (const WindowFacts& fact : facts.windows) {
    if (IsNone(fact)) continue;
    const std::string family = FamilyOf(fact);
    const double used = std::clamp(fact.used_percent, 0.0, 100.0);
    Window* window = Find(family, fact.length);
    if (window == nullptr) {
      if (state_.windows.size() >= kMaxWindows) continue;
      state_.windows.push_back({family, fact.length, used, fact.resets_at, now, 0, now});
      changed = true;
      continue;
    }
    if (window->used_percent != used || window->resets_at != fact.resets_at) changed = true;
    // At the moment of a reset an answer may still tell of the window that ends.
    const bool anew = IsOver(*window, now) && window->resets_at && window->resets_at != fact.resets_at;
    const double used_before = anew ? 0 : window->used_percent;
    window->spent_lately = SpentLately(*window, now) + std::max(0.0, used - used_before);
    if (anew) window->warned_at = 0;
    window->used_percent = used;
    window->resets_at = fact.resets_at;
    window->seen_at = now;
  }
  if (facts.whole) EndThoseNotIn(facts, now);
  if (facts.credits && facts.credits != state_.credits) {
    state_.credits = facts.credits;
    changed = true;
  }
  if (facts.reset_credits && facts.reset_credits != state_.reset_credits) {
    state_.reset_credits = facts.reset_credits;
    changed = true;
  }
  for (const auto& [id, name] : facts.limit_names) {
    const auto known = state_.limit_names.find(id);
    if (known == state_.limit_names.end() ? state_.limit_names.size() >= kMaxLimitNames : known->second == name)
      continue;
    state_.limit_names[id] = name;
    changed = true;
  }
  return changed || state_.windows.size() != before;
}

void Quota::EndThoseNotIn(const QuotaFacts& facts, WallTime now) {
  std::erase_if(state_.windows, [&](const Window& window) {
    const bool told = std::any_of(facts.windows.begin(), facts.windows.end(), [&](const WindowFacts& fact) {
      return fact.length == window.length && FamilyOf(fact) == window.family && !IsNone(fact);
    });
    return !told && !window.is_rate() && IsOver(window, now);
  });
}

void Quota::Reset(WallTime now) {
  for (Window& window : state_.windows) {
    if (!window.family.empty()) continue;
    window.spent_lately = SpentLately(window, now);
    window.used_percent = 0;
    window.resets_at.reset();
    window.seen_at = now;
    window.warned_at = 0;
  }
}

double Quota::Headroom(WallTime now) const {
  double headroom = 100;
  for (const Window& window : state_.windows) {
    if (window.family.empty()) headroom = std::min(headroom, 100 - UsedOf(window, now));
  }
  return headroom;
}

std::optional<WallTime> Quota::NextReset(WallTime now) const {
  std::optional<WallTime> next;
  for (const Window& window : state_.windows) {
    if (!window.family.empty() || !window.resets_at || *window.resets_at <= now) continue;
    if (!next || *window.resets_at < *next) next = window.resets_at;
  }
  return next;
}

std::optional<WallTime> Quota::FullUntil(WallTime now, const std::string& family) const {
  std::optional<WallTime> latest;
  for (const Window& window : state_.windows) {
    if (window.family != family || window.is_rate() || window.used_percent < 100 || !window.resets_at ||
        *window.resets_at <= now)
      continue;
    if (!latest || *window.resets_at > *latest) latest = window.resets_at;
  }
  return latest;
}

std::optional<WallTime> Quota::seen_at() const {
  std::optional<WallTime> latest;
  for (const Window& window : state_.windows) {
    if (window.family.empty() && (!latest || window.seen_at > *latest)) latest = window.seen_at;
  }
  return latest;
}

}  // namespace patchbay::accounts
