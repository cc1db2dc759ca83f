// An account's quota windows and credits, merged from every source and never replaced wholesale.
//
// A window is known by its length, not by its position: the "primary" one is five hours on some plans and a week
// on others (codex-wire §5, §13). A source that does not mention a window says nothing about it; only one that tells of
// all there are ends a window whose time is over.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/pool/outcome.h"

namespace patchbay::accounts {

struct Window {
  std::string family;  // empty: the account's general quota; else an extra limit's id
  std::chrono::seconds length{0};
  double used_percent = 0;
  std::optional<WallTime> resets_at;
  WallTime seen_at{};
  // How fast it is used: the percents seen so far, those of long ago counting less and less (forecast.h).
  double spent_lately = 0;
  WallTime watched_since{};
  int warned_at = 0;  // the percent of the last warning about it

  // A number of requests a minute is no quota: it says nothing of what is left.
  bool is_rate() const { return !family.empty() && length.count() == 0; }
};

struct QuotaState {
  std::vector<Window> windows;
  std::optional<CreditFacts> credits = {};
  std::optional<int> reset_credits = {};  // that reset a window
  std::map<std::string, std::string> limit_names = {};
};

class Quota {
 public:
  static constexpr std::size_t kMaxWindows = 16;

  // True when something changed.
  bool Merge(const QuotaFacts& facts, WallTime now);
  void Restore(QuotaState state) { state_ = std::move(state); }
  // A reset credit was redeemed: whatever was used counts no more.
  void Reset(WallTime now);

  // What is left of the tightest general window, in percent; 100 when nothing is known. A window whose reset
  // has passed counts as unused.
  double Headroom(WallTime now) const;
  // The earliest reset of a general window that is to come.
  std::optional<WallTime> NextReset(WallTime now) const;
  // When the last of the used-up windows of that family resets; without one, of the general ones.
  std::optional<WallTime> FullUntil(WallTime now, const std::string& family = {}) const;
  // There is something to pay with when the windows are used up.
  bool has_credits() const { return state_.credits && (state_.credits->has || state_.credits->unlimited); }
  // When a general window was last told of.
  std::optional<WallTime> seen_at() const;

  const std::vector<Window>& windows() const { return state_.windows; }
  std::vector<Window>& windows() { return state_.windows; }
  const QuotaState& state() const { return state_; }

 private:
  Window* Find(const std::string& family, std::chrono::seconds length);
  void EndThoseNotIn(const QuotaFacts& facts, WallTime now);

  QuotaState state_;
};

// Used, as of now: what a window had used before its reset counts no more.
inline double UsedOf(const Window& window, WallTime now) {
  return window.resets_at && *window.resets_at <= now ? 0 : window.used_percent;
}

}  // namespace patchbay::accounts
