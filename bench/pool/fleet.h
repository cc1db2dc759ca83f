// The provider's side of simulated accounts: windows that begin with their first use and end a fixed time later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/pool/traffic.h"

namespace patchbay::bench {

struct WindowSize {
  Seconds length = 0;
  double tokens = 0;
};

struct Plan {
  std::string name;
  std::vector<WindowSize> windows;  // the shortest first
  double weekly() const;            // tokens a week, at most
};

struct WindowState {
  double used = 0;
  Seconds resets_at = -1;  // in the past: it is not running
};

// What a provider tells of a window with each answer: whole percents, and when it resets.
struct Reading {
  Seconds length = 0;
  double used_percent = 0;
  Seconds resets_at = 0;
};

class Fleet {
 public:
  explicit Fleet(std::vector<const Plan*> plans);

  std::size_t size() const { return plans_.size(); }
  const Plan& plan(std::size_t account) const { return *plans_[account]; }
  // Nothing: the account takes a call. Else it is exhausted until then.
  std::optional<Seconds> FullUntil(std::size_t account, Seconds now) const;
  bool AnyTakes(Seconds now) const;
  void Begin(std::size_t account, Seconds now);
  void Charge(std::size_t account, double tokens, Seconds now);
  std::vector<Reading> Read(std::size_t account, Seconds now) const;

 private:
  std::vector<const Plan*> plans_;
  std::vector<std::vector<WindowState>> windows_;
};

// The plans of a pool: `size` accounts, equal or mixed.
std::vector<const Plan*> EqualPlans(std::size_t size);
std::vector<const Plan*> MixedPlans(std::size_t size);

}  // namespace patchbay::bench
