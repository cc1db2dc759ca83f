// What the pool tells people: of each account whether it would be chosen and why not, and of a denial in a few words.
#include <algorithm>
#include <array>
#include <tuple>

#include "lib/time/time_text.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// How many accounts are so, in the order in which a client wants to read it.
struct Plight {
  Block block;
  std::string_view says;
};
constexpr std::array<Plight, 12> kPlights = {{
    {Block::kNone, "free"},
    {Block::kSlots, "busy"},
    {Block::kThrottled, "rate limited"},
    {Block::kRefreshing, "whose token is being refreshed"},
    {Block::kPath, "whose provider fails"},
    {Block::kExhausted, "exhausted"},
    {Block::kTried, "tried in vain"},
    {Block::kModel, "without the model"},
    {Block::kExpired, "in need of a login or key"},
    {Block::kNoToken, "without a token"},
    {Block::kBanned, "banned"},
    {Block::kDisabled, "disabled"},
}};

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
  return {account.facts.id, account.facts.label, block == Block::kNone, Why(account, block, wire_model, now), until};
}

Block AccountPool::BlockByNow(const PoolAccount& account, const Request& request, const Moment& now) const {
  const Block block = FullBlock(account, request, now);
  if (block != Block::kTried) return block;
  const Block own = BlockOf(account, request.provider, request.wire_model, now);
  return own == Block::kNone ? block : own;
}

// "2 exhausted until 2026-08-22T14:05:00Z, 1 banned"
std::string AccountPool::Summary(const Request& request, const Moment& now) const {
  std::array<int, kPlights.size()> counts{};
  std::array<std::optional<WallTime>, kPlights.size()> earliest{};
  for (const PoolAccount* account : by_order_) {
    const Block block = BlockByNow(*account, request, now);
    const auto plight =
        std::find_if(kPlights.begin(), kPlights.end(), [&](const Plight& one) { return one.block == block; });
    if (plight == kPlights.end()) continue;  // of another provider, or not the one that the request is bound to
    const auto at = static_cast<std::size_t>(plight - kPlights.begin());
    ++counts[at];
    const auto ends = BlockEnds(*account, block, request.wire_model, now);
    if (ends && (!earliest[at] || *ends < *earliest[at])) earliest[at] = ends;
  }
  std::string text;
  for (std::size_t i = 0; i < kPlights.size(); ++i) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(counts[i]) + " ";
    text += kPlights[i].says;
    if (!earliest[i]) continue;
    text += counts[i] == 1 ? " until " : ", the first until ";
    text += Rfc3339(*earliest[i]);
  }
  return text;
}

void AccountPool::Consider(const Request& request, const Moment& now) {
  Considered considered{request.frontend, request.id, {}, by_order_.size()};
  int place = 0;
  const auto add = [&](const PoolAccount& account, bool in_line) {
    Weighed weighed;
    weighed.order = account.facts.order;
    weighed.block = BlockByNow(account, request, now);
    if (weighed.block == Block::kOtherProvider) return;
    if (weighed.block == Block::kNone) {
      if (in_line) weighed.place = ++place;
      weighed.held = account.overload.holds(now.steady);
    } else {
      weighed.until = BlockEnds(account, weighed.block, request.wire_model, now);
      if (account.mark.state != AccountState::kActive) {
        weighed.evidence = account.mark.evidence.substr(0, kEvidenceBytes);
      }
    }
    considered.accounts.push_back(std::move(weighed));
  };
  const std::vector<PoolAccount*> first = Ready(now).First(request.provider, kInLine);
  for (const PoolAccount* account : first) add(*account, true);
  if (by_order_.size() <= kScanned) {
    for (const PoolAccount* account : by_order_) {
      if (std::find(first.begin(), first.end(), account) == first.end()) add(*account, false);
    }
  }
  events_.push_back(std::move(considered));
}

Outlook AccountPool::Explain(const AcquireArgs& args, const Moment& now) const {
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
  Outlook outlook;
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
      in_line.push_back({{!at_home, chosen_try, held, rank}, outlook.accounts.size()});
    }
    outlook.accounts.push_back(std::move(candidate));
  }
  std::sort(in_line.begin(), in_line.end());
  for (std::size_t i = 0; i < in_line.size(); ++i) {
    outlook.accounts[in_line[i].second].place = static_cast<int>(i) + 1;
  }
  if (!in_line.empty()) {
    const Candidate& chosen = outlook.accounts[in_line.front().second];
    outlook.chosen = chosen.account;
    const bool at_home = !std::get<0>(in_line.front().first);
    outlook.reason = at_home ? "affinity" : std::string(ToString(settings_.strategy));
    const auto at = std::find_if(outlook.accounts.begin(), outlook.accounts.end(),
                                 [](const Candidate& candidate) { return candidate.home; });
    if (at != outlook.accounts.end() && !at_home) {
      outlook.reason += " (its conversation lives on " + at->account.str() + ": " + at->reason + ")";
    }
    return outlook;
  }
  for (const Request& request : tries) {
    std::optional<Denied> denied = Hopeless(request, now);
    if (!denied) {
      outlook.denied.reset();
      outlook.reason = "it would wait: " + Summary(request, now);
      break;
    }
    if (!outlook.denied || TellsMore(*denied, *outlook.denied)) outlook.denied = std::move(denied);
    outlook.reason = outlook.denied->message;
    if (!outlook.denied->summary.empty()) outlook.reason += " (" + outlook.denied->summary + ")";
  }
  return outlook;
}

}  // namespace patchbay::accounts
