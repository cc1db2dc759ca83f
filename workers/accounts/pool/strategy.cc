#include "workers/accounts/pool/strategy.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace patchbay::accounts {
namespace {

PoolAccount* LeastUsed(std::span<PoolAccount* const> candidates, WallTime now) {
  PoolAccount* best = nullptr;
  double best_headroom = 0;
  for (PoolAccount* candidate : candidates) {
    // Whole percents: noise in the reports must not beat fairness.
    const double headroom = std::floor(candidate->quota.Headroom(now));
    if (best == nullptr || std::make_tuple(candidate->open, -headroom, candidate->used_order, candidate->facts.order) <
                               std::make_tuple(best->open, -best_headroom, best->used_order, best->facts.order)) {
      best = candidate;
      best_headroom = headroom;
    }
  }
  return best;
}

PoolAccount* RoundRobin(std::span<PoolAccount* const> candidates, std::int64_t last_order) {
  PoolAccount* next = nullptr;   // the smallest order after the last one
  PoolAccount* first = nullptr;  // the smallest order of all, where the round starts again
  for (PoolAccount* candidate : candidates) {
    const std::int64_t order = candidate->facts.order;
    if (first == nullptr || order < first->facts.order) first = candidate;
    if (order > last_order && (next == nullptr || order < next->facts.order)) next = candidate;
  }
  return next != nullptr ? next : first;
}

PoolAccount* Sticky(std::span<PoolAccount* const> candidates) {
  PoolAccount* best = nullptr;
  for (PoolAccount* candidate : candidates) {
    if (best == nullptr || candidate->used_order > best->used_order ||
        (candidate->used_order == best->used_order && candidate->facts.order < best->facts.order)) {
      best = candidate;
    }
  }
  return best;
}

}  // namespace

PoolAccount* Choose(Strategy strategy, std::span<PoolAccount* const> candidates, std::int64_t last_order,
                    WallTime now) {
  switch (strategy) {
    case Strategy::kLeastUsed: return LeastUsed(candidates, now);
    case Strategy::kRoundRobin: return RoundRobin(candidates, last_order);
    case Strategy::kSticky: return Sticky(candidates);
  }
  return nullptr;
}

std::string_view ToString(Strategy strategy) {
  switch (strategy) {
    case Strategy::kLeastUsed: return "least_used";
    case Strategy::kRoundRobin: return "round_robin";
    case Strategy::kSticky: return "sticky";
  }
  return "?";
}

std::optional<Strategy> ParseStrategy(std::string_view text) {
  for (const Strategy strategy : {Strategy::kLeastUsed, Strategy::kRoundRobin, Strategy::kSticky}) {
    if (ToString(strategy) == text) return strategy;
  }
  return std::nullopt;
}

}  // namespace patchbay::accounts
