// What the pool tells people: of each account whether it would be chosen and why not, and of a denial in a few words.
#include <algorithm>
#include <tuple>

#include "lib/time/time_text.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Of one choice: those that stand first in line, and whole pools up to this size.
constexpr std::size_t kInLine = 8;
constexpr std::size_t kScanned = 32;
constexpr std::size_t kEvidenceBytes = 120;

WallTime WallAt(SteadyTime time, const Moment& now) {
  return now.wall + duration_cast<milliseconds>(time - now.steady);
}

}  // namespace

std::string AccountPool::Why(const PoolAccount& account, Block block, const std::string& wire_model,
                             const Moment& now) const {
  std::string why = accounts::Explain(account, block, settings_.slots_per_account, wire_model);
  if (block == Block::kPath) {
    if (const Breaker* breaker = Blocking(account, wire_model, {}, now)) why += " (" + breaker->evidence() + ")";
  }
  if (block == Block::kReserved) why += " (" + ReservesOf(account, now) + ")";
  if (const int times = account.slowness.Times(now.wall); block == Block::kNone && times > 0) {
    why += SlownessText(times);
  }
  if (account.overload.holds(now.steady) && (block == Block::kNone || MayPass(block))) {
    why += ", last choice for new work until " + Rfc3339(WallAt(account.overload.until(), now)) +
           " (overloaded where others serve)";
  }
  return why;
}

Explanation AccountPool::ExplanationOf(const PoolAccount& account, Block block, const std::string& wire_model,
                                       const Moment& now) const {
  std::optional<WallTime> until = BlockEnds(account, block, wire_model, now);
  if (block == Block::kPath) {
    if (const Breaker* breaker = Blocking(account, wire_model, {}, now)) until = WallAt(breaker->paused_until(), now);
  }
  if (block == Block::kReserved) {
    until = HeldUntil(settings_.reserves, Holding(settings_.reserves, account, now.wall), account, now.wall);
  }
  return {account.facts.id, account.facts.label, block == Block::kNone, Why(account, block, wire_model, now), until};
}

std::string AccountPool::ReservesOf(const PoolAccount& account, const Moment& now) const {
  const ReserveSet held = Holding(settings_.reserves, account, now.wall);
  std::string text;
  for (std::size_t i = 0; i < settings_.reserves.size(); ++i) {
    if ((held & (ReserveSet{1} << i)) == 0) continue;
    text += (text.empty() ? "" : "; ") + settings_.reserves[i].Describe();
  }
  return text;
}

std::optional<WallTime> AccountPool::EndOf(const PoolAccount& account, Block block, const Request& request,
                                           const Moment& now) const {
  if (block != Block::kReserved) return BlockEnds(account, block, request.wire_model, now);
  const ReserveSet held = Holding(settings_.reserves, account, now.wall) & ~request.kept_for;
  return HeldUntil(settings_.reserves, held, account, now.wall);
}

Block AccountPool::BlockByNow(const PoolAccount& account, Block block, const Request& request, const Moment& now) {
  if (block != Block::kTried) return block;
  const Block own = BlockOf(account, request.provider, request.wire_model, now);
  return own == Block::kNone ? block : own;
}

std::string AccountPool::EvidenceOf(const PoolAccount& account, Block block, const Request& request,
                                    const Moment& now) const {
  if (block == Block::kReserved) return ReservesOf(account, now);
  if (block == Block::kLimit) {
    const auto spent = account.spent.find(request.wire_model);
    return spent == account.spent.end() ? std::string() : spent->second.limit + ": " + spent->second.evidence;
  }
  return account.mark.state == AccountState::kActive ? std::string() : account.mark.evidence;
}

void AccountPool::Consider(const Request& request, const Moment& now) {
  Considered considered{request.frontend, request.id, {}, by_order_.size()};
  int place = 0;
  const auto add = [&](const PoolAccount& account, bool in_line) {
    Weighed weighed;
    weighed.order = account.facts.order;
    weighed.block = BlockByNow(account, FullBlock(account, request, now), request, now);
    if (weighed.block == Block::kOtherProvider) return;
    if (weighed.block == Block::kNone) {
      if (in_line) weighed.place = ++place;
      weighed.held = account.overload.holds(now.steady);
      weighed.slower = account.slowness.Times(now.wall);
    } else {
      weighed.until = EndOf(account, weighed.block, request, now);
      weighed.evidence = EvidenceOf(account, weighed.block, request, now).substr(0, kEvidenceBytes);
    }
    considered.accounts.push_back(std::move(weighed));
  };
  const auto may = [&](const ReadyAccounts::Shelf& shelf) {
    return MayServe(shelf, request, request.wire_model, request.lacking_plans, now);
  };
  const std::vector<PoolAccount*> first = Ready(now).First(request.provider, kInLine, may);
  considered.accounts.reserve(by_order_.size() <= kScanned ? by_order_.size() : first.size());
  for (const PoolAccount* account : first) add(*account, true);
  if (by_order_.size() <= kScanned) {
    for (const PoolAccount* account : by_order_) {
      if (std::find(first.begin(), first.end(), account) == first.end()) add(*account, false);
    }
  }
  events_.push_back(std::move(considered));
}

PoolExplanation AccountPool::Explain(const AcquireArgs& args, const Moment& now) const {
  Request first = RequestOf(args, now);
  if (first.others != nullptr) StayWithProvider(first, now);
  // The request as it would be on each of its models, in the order in which they are tried.
  std::vector<Request> tries = {first};
  if (first.others != nullptr) {
    for (const ModelTerms& terms : *first.others) {
      Request next = first;
      TakeTerms(next, terms);
      tries.push_back(std::move(next));
    }
  }
  const auto home = affinity_.Peek(args.affinity_key, now.steady);
  PoolExplanation told;
  // Of those that can serve: strangers after the conversation's own, a later model after an earlier one, those held for
  // overload after the others, and then as the strategy ranks them.
  using Turn = std::tuple<bool, std::size_t, bool, Rank>;
  std::vector<std::pair<Turn, std::size_t>> in_line;
  for (const PoolAccount* account : by_order_) {
    std::size_t chosen_try = 0;
    Block block = Block::kOtherProvider;
    for (std::size_t i = 0; i < tries.size(); ++i) {
      const Block of_try = FullBlock(*account, tries[i], now);
      if (of_try == Block::kOtherProvider || (block != Block::kOtherProvider && of_try == Block::kModel)) continue;
      if (block != Block::kOtherProvider && block != Block::kModel) continue;
      block = of_try;
      chosen_try = i;
    }
    const Request& request = tries[chosen_try];
    Candidate candidate;
    static_cast<Explanation&>(candidate) = ExplanationOf(*account, block, request.wire_model, now);
    candidate.provider = account->facts.provider;
    if (block != Block::kOtherProvider) candidate.wire_model = request.wire_model;
    candidate.score = ScoreOf(settings_.strategy, *account, now.wall);
    candidate.home = home == account->facts.id;
    candidate.leases_open = account->open;
    candidate.priority = account->facts.priority;
    candidate.weight = account->facts.weight;
    candidate.since = account->mark.since;
    const bool held = account->overload.holds(now.steady);
    if (held) candidate.held_until = WallAt(account->overload.until(), now);
    if (block == Block::kNone) {
      const bool at_home = candidate.home && !account->overload.isolates(now.steady);
      const Rank rank = RankOf(settings_.strategy, *account, now.wall).rank;
      in_line.push_back({{!at_home, chosen_try, held, rank}, told.accounts.size()});
    }
    told.accounts.push_back(std::move(candidate));
  }
  std::sort(in_line.begin(), in_line.end());
  for (std::size_t i = 0; i < in_line.size(); ++i) {
    told.accounts[in_line[i].second].place = static_cast<int>(i) + 1;
  }
  if (!in_line.empty()) {
    const Candidate& chosen = told.accounts[in_line.front().second];
    told.chosen = chosen.account;
    const bool at_home = !std::get<0>(in_line.front().first);
    told.reason = at_home ? "affinity" : std::string(ToString(settings_.strategy));
    const auto at = std::find_if(told.accounts.begin(), told.accounts.end(),
                                 [](const Candidate& candidate) { return candidate.home; });
    if (at != told.accounts.end() && !at_home) {
      told.reason += " (its conversation lives on " + at->account.str() + ": " + at->reason + ")";
    }
    return told;
  }
  for (const Request& request : tries) {
    const Prospect prospect = LookAtAll(request, now);
    std::optional<Denied> denied = Hopeless(request, prospect, now);
    if (!denied) {
      told.denied.reset();
      told.reason = "it would wait: " + prospect.plights.Text();
      break;
    }
    if (!told.denied || TellsMore(*denied, *told.denied)) told.denied = std::move(denied);
    told.reason = told.denied->message;
    if (!told.denied->summary.empty()) told.reason += " (" + told.denied->summary + ")";
  }
  return told;
}

}  // namespace patchbay::accounts
