// An account's quota windows, merged from every source and never replaced wholesale.
//
// A window is known by its length, not by its position: the "primary" one is five hours on some plans and a week
// on others (codex-wire §5, §13). A source that does not mention a window says nothing about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/pool/outcome.h"

namespace patchbay::accounts {

struct Window {
  std::string family;  // empty: the account's general quota; else an extra limit's name
  std::chrono::seconds length{0};
  double used_percent = 0;
  std::optional<WallTime> resets_at;
  WallTime seen_at{};
};

class Quota {
 public:
  static constexpr std::size_t kMaxWindows = 16;

  // True when something changed.
  bool Merge(const QuotaFacts& facts, WallTime now);
  void Restore(std::vector<Window> windows) { windows_ = std::move(windows); }

  // What is left of the tightest general window, in percent; 100 when nothing is known. A window whose reset
  // has passed counts as unused.
  double Headroom(WallTime now) const;
  // The earliest reset of a general window that is to come.
  std::optional<WallTime> NextReset(WallTime now) const;
  // When the last of the used-up general windows resets.
  std::optional<WallTime> FullUntil(WallTime now) const;

  const std::vector<Window>& windows() const { return windows_; }

 private:
  std::vector<Window> windows_;
};

}  // namespace patchbay::accounts
