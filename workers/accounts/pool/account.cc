#include "workers/accounts/pool/account.h"

#include <array>
#include <utility>

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

constexpr std::array<std::pair<AccountState, std::string_view>, 6> kStateNames = {{
    {AccountState::kActive, "active"},
    {AccountState::kThrottled, "throttled"},
    {AccountState::kExhausted, "exhausted"},
    {AccountState::kExpired, "expired"},
    {AccountState::kBanned, "banned"},
    {AccountState::kDisabled, "disabled"},
}};

std::string WithMark(std::string_view what, const Mark& mark) {
  std::string out(what);
  if (mark.until) out += " until " + Rfc3339(*mark.until);
  if (!mark.evidence.empty()) out += " (" + mark.evidence + ")";
  return out;
}

}  // namespace

std::string_view ToString(AccountState state) {
  for (const auto& [value, name] : kStateNames) {
    if (value == state) return name;
  }
  return "?";
}

int Severity(AccountState state) {
  switch (state) {
    case AccountState::kActive: return 0;
    case AccountState::kThrottled: return 1;
    case AccountState::kExhausted: return 2;
    case AccountState::kExpired: return 3;
    case AccountState::kBanned: return 4;
    case AccountState::kDisabled: return 5;
  }
  return 0;
}

std::optional<AccountState> ParseState(std::string_view text) {
  for (const auto& [value, name] : kStateNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

Block BlockOf(const PoolAccount& account, const std::string& provider, const std::string& wire_model, const Moment& now,
              bool despite_throttle) {
  if (account.facts.provider != provider) return Block::kOtherProvider;
  if (!account.facts.enabled) return Block::kDisabled;
  switch (account.mark.state) {
    case AccountState::kActive:
    case AccountState::kDisabled: break;
    case AccountState::kBanned: return Block::kBanned;
    case AccountState::kExpired: return Block::kExpired;
    case AccountState::kExhausted: return Block::kExhausted;
    case AccountState::kThrottled:
      if (!despite_throttle) return Block::kThrottled;
      break;
  }
  // A token stays usable while it is being refreshed; only one that is past its time, or that the provider has
  // just refused, has to wait.
  if (!account.facts.has_access_token || account.token_expired(now.wall)) {
    if (account.facts.has_refresh_token) return Block::kRefreshing;
    return account.facts.has_access_token ? Block::kExpired : Block::kNoToken;
  }
  if (account.token_refused) return Block::kRefreshing;
  if (!account.model_refusals.empty()) {
    const auto refusal = account.model_refusals.find(wire_model);
    if (refusal != account.model_refusals.end() && refusal->second > now.steady) return Block::kModel;
  }
  if (!account.spent.empty()) {
    const auto spent = account.spent.find(wire_model);
    if (spent != account.spent.end() && spent->second.until > now.wall) return Block::kLimit;
  }
  return Block::kNone;
}

std::string Explain(const PoolAccount& account, Block block, int slots, const std::string& wire_model) {
  switch (block) {
    case Block::kNone: return "eligible";
    case Block::kDisabled: return "disabled by the operator";
    case Block::kOtherProvider: return "belongs to provider " + account.facts.provider;
    case Block::kBanned: return WithMark("banned", account.mark);
    case Block::kExpired:
      if (!account.facts.logs_in) return WithMark("its key is refused; add another", account.mark);
      return account.mark.state == AccountState::kExpired
                 ? WithMark("needs a login", account.mark)
                 : "needs a login (its token has expired and it has no refresh token)";
    case Block::kNoToken: return account.facts.logs_in ? "has no access token" : "has no key";
    case Block::kModel:
      return account.model_refusals.contains(wire_model) ? "refused model " + wire_model + " not long ago"
                                                         : "does not have model " + wire_model;
    case Block::kTried: return "already tried by this request";
    case Block::kPinned: return "the request belongs to a socket of another account";
    case Block::kTags: return "has none of the tags that the request is held to";
    case Block::kReserved: return "what is left of its quota is kept for others";
    case Block::kExhausted: return WithMark("exhausted", account.mark);
    case Block::kLimit: {
      const auto spent = account.spent.find(wire_model);
      if (spent == account.spent.end()) return "its limit for " + wire_model + " is used up";
      return "its limit " + spent->second.limit + " for " + wire_model + " is used up until " +
             Rfc3339(spent->second.until) + " (" + spent->second.evidence + ")";
    }
    case Block::kThrottled: return WithMark("throttled", account.mark);
    case Block::kRefreshing: return "its token is being refreshed";
    case Block::kPath: return "calls to its provider fail";
    case Block::kSlots: return "all " + std::to_string(slots) + " slots are in use";
  }
  return "?";
}

std::optional<WallTime> BlockEnds(const PoolAccount& account, Block block, const std::string& wire_model,
                                  const Moment& now) {
  if (block == Block::kExhausted || block == Block::kThrottled) return account.mark.until;
  if (block == Block::kLimit) {
    const auto spent = account.spent.find(wire_model);
    return spent == account.spent.end() ? std::nullopt : std::optional(spent->second.until);
  }
  if (block == Block::kModel) {
    const auto refusal = account.model_refusals.find(wire_model);
    if (refusal == account.model_refusals.end()) return std::nullopt;
    return now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(refusal->second - now.steady);
  }
  return std::nullopt;
}

}  // namespace patchbay::accounts
