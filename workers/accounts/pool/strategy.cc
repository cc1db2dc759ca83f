#include "workers/accounts/pool/strategy.h"

#include <algorithm>
#include <cmath>

#include "workers/accounts/pool/pace.h"

namespace patchbay::accounts {
namespace {

constexpr std::array kStrategies = {Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin, Strategy::kSticky,
                                    Strategy::kFillFirst};
// Divisible by most weights, so that shares are exact.
constexpr std::int64_t kStride = 720'720;

// A price that is twice as high is seven steps of a tenth away: twice as slow is as bad.
constexpr std::int64_t kStepsOfSlowness = 7;

// Leases in flight for each share of the account; one that is slow counts as if it had some more.
std::int64_t Load(const PoolAccount& account, int slow) {
  return (account.open + slow) * kStride / account.facts.weight;
}

}  // namespace

Ranking RankOf(Strategy strategy, const PoolAccount& account, WallTime now) {
  Ranking ranking;
  Rank& rank = ranking.rank;
  rank.tier = -std::int64_t{account.facts.priority};
  rank.order = account.facts.order;
  const auto used_order = static_cast<std::int64_t>(account.used_order);
  const int slow = account.slowness.Steps(now);
  switch (strategy) {
    case Strategy::kPaced: {
      const Pace pace = PaceOf(account.quota, account.facts.weight, now);
      rank.keys = {pace.step + slow * kStepsOfSlowness, Load(account, 0), used_order};
      ranking.until = pace.until;
      break;
    }
    case Strategy::kLeastUsed:
      // Whole percents: noise in the reports must not beat fairness.
      rank.keys = {Load(account, slow), -static_cast<std::int64_t>(std::floor(account.quota.Headroom(now))),
                   used_order};
      ranking.until = account.quota.NextReset(now);
      break;
    case Strategy::kRoundRobin: rank.keys = {account.turn, 0, 0}; break;
    case Strategy::kSticky: rank.keys = {-used_order, 0, 0}; break;
    case Strategy::kFillFirst: return ranking;
  }
  if (const auto faster = account.slowness.StepEnds(now); faster && (!ranking.until || *faster < *ranking.until)) {
    ranking.until = faster;
  }
  return ranking;
}

std::string ScoreOf(Strategy strategy, const PoolAccount& account, WallTime now) {
  const auto two_digits = [](double number) {
    const auto hundredths = std::llround(number * 100);
    const std::string rest = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
  };
  const int slow = account.slowness.Steps(now);
  // As RankOf weighs them: the price times as much, the load more.
  const std::string dearer = slow == 0 ? "" : " (times " + std::to_string(1 << slow) + ": slow)";
  const std::string more = slow == 0 ? "" : " (and " + std::to_string(slow) + ": slow)";
  const std::string in_flight = std::to_string(account.open) + " in flight";
  switch (strategy) {
    case Strategy::kPaced:
      return "price " + two_digits(PriceOf(account.quota, now) / account.facts.weight) + dearer + ", " + in_flight;
    case Strategy::kLeastUsed:
      return in_flight + more + ", " + std::to_string(std::llround(std::floor(account.quota.Headroom(now)))) + "% left";
    case Strategy::kRoundRobin:
      return "turn " + two_digits(static_cast<double>(account.turn) / static_cast<double>(kStride));
    case Strategy::kSticky:
      return account.used_order == 0 ? "never used" : "used by grant " + std::to_string(account.used_order);
    case Strategy::kFillFirst: return "added as number " + std::to_string(account.facts.order);
  }
  return {};
}

void Turns::Take(PoolAccount& account, WallTime now) {
  now_ = std::max(now_, account.turn);
  account.turn = now_ + kStride * (1 + account.slowness.Steps(now)) / account.facts.weight;
}

std::string_view ToString(Strategy strategy) {
  switch (strategy) {
    case Strategy::kPaced: return "paced";
    case Strategy::kLeastUsed: return "least_used";
    case Strategy::kRoundRobin: return "round_robin";
    case Strategy::kSticky: return "sticky";
    case Strategy::kFillFirst: return "fill_first";
  }
  return "?";
}

std::optional<Strategy> ParseStrategy(std::string_view text) {
  for (const Strategy strategy : kStrategies) {
    if (ToString(strategy) == text) return strategy;
  }
  return std::nullopt;
}

}  // namespace patchbay::accounts
