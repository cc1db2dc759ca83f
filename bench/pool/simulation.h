// Plays traffic to somebody who chooses accounts, and counts what becomes of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/pool/fleet.h"

namespace patchbay::bench {

// Who decides on which account a turn is made. Accounts are numbers from 0.
class Chooser {
 public:
  virtual ~Chooser() = default;
  // Nothing: the turn is denied.
  virtual std::optional<std::size_t> Begin(std::size_t call, const Turn& turn, Seconds now) = 0;
  // The account that was chosen is exhausted until then. Another, or nothing.
  virtual std::optional<std::size_t> Refused(std::size_t call, const Turn& turn, std::size_t account, Seconds until,
                                             const std::vector<Reading>& readings, Seconds now) = 0;
  virtual void End(std::size_t call, const Turn& turn, std::size_t account, const std::vector<Reading>& readings,
                   Seconds now) = 0;
};

struct Outcome {
  double demanded = 0, served = 0;                // tokens
  int denied_with_quota = 0;                      // turns denied while some account would have taken them
  double context = 0, context_cached = 0;         // of turns served
  double conversations = 0, account_changes = 0;  // of those served at all
  int calls_refused = 0;                          // asked of an exhausted account
};

Outcome Play(const std::vector<Turn>& traffic, Fleet fleet, Chooser& chooser);

}  // namespace patchbay::bench
