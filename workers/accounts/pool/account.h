// One account as the pool sees it: its state with the evidence for it, its slots, its quota.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/pool/breaker.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/pool/outcome.h"
#include "workers/accounts/pool/overload.h"
#include "workers/accounts/pool/quota.h"
#include "workers/accounts/pool/slowness.h"

namespace patchbay::accounts {

// Throttled (seconds) and exhausted (until a window resets) are different states: mixing them locks accounts for
// hours over a momentary limit.
enum class AccountState { kActive, kThrottled, kExhausted, kExpired, kBanned, kDisabled };

std::string_view ToString(AccountState state);
// What is known of an account is not replaced by what weighs less.
int Severity(AccountState state);
std::optional<AccountState> ParseState(std::string_view text);

// A state with what was seen, when, and until when it is believed.
struct Mark {
  AccountState state = AccountState::kActive;  // never kDisabled: that is the operator's, not evidence
  std::string evidence;
  WallTime since{};
  std::optional<WallTime> until;  // none: until something new is learnt
  RequestId request;              // whose call showed it; empty for our own checks and for people
  friend bool operator==(const Mark&, const Mark&) = default;
};

// What the pool needs to know of an account; secrets stay outside.
struct AccountFacts {
  AccountId id;
  std::string label;
  std::string provider;
  std::string egress;
  std::string plan;
  std::int64_t order = 0;  // in which accounts were added
  bool enabled = true;
  bool has_access_token = false;  // or needs none
  bool has_refresh_token = false;
  std::optional<WallTime> token_expires_at;
  std::int64_t credential_version = 0;
  bool logs_in = true;  // false: it holds a key, which nobody can renew
  // The operator's: accounts of a higher priority are chosen first, and of one priority by their share.
  int priority = 0;
  int weight = 1;
  // It stands for whoever calls, with a login of their own: what the provider says of that is no account's matter.
  bool is_callers = false;
  std::vector<std::string> tags;  // the operator's, sorted
};

enum class Block {
  kNone,
  kDisabled,
  kOtherProvider,
  kBanned,
  kExpired,
  kNoToken,
  kModel,   // it refused this model, or its plan has it not
  kTried,   // by this request
  kPinned,  // the request is bound to another account
  kTags,    // the request is held to tags that it has none of
  // Those below may pass by themselves.
  kExhausted,
  kReserved,  // what is left of its quota is kept for others
  kLimit,     // the extra limit of this model is used up
  kThrottled,
  kRefreshing,
  kPath,
  kSlots,
};
inline bool MayPass(Block block) { return block >= Block::kExhausted; }

// How often it was throttled, or refused without a word why, since a call on it went well. One conversation that is
// refused again and again counts once.
struct Strikes {
  int count = 0;
  Caller last;

  int Add(const Caller& caller) {
    if (count > 0 && last == caller) return count;
    last = caller;
    return ++count;
  }
  void TakeBack() { count = std::max(0, count - 1); }
};

// How often and how long a conversation has waited for an account that throttled it, since a call on that went well:
// over all its requests, since a turn that is refused on its socket is asked again without it.
struct Patience {
  static constexpr int kMost = 3;
  static constexpr std::chrono::milliseconds kLongest{10'000};  // all waits together
  Caller of;
  int count = 0;
  std::chrono::milliseconds waited{0};

  bool Allows(const Caller& caller, std::chrono::milliseconds wait) const {
    return wait <= kLongest && (!(of == caller) || (count < kMost && waited + wait <= kLongest));
  }
  void Add(const Caller& caller, std::chrono::milliseconds wait) {
    if (!(of == caller)) *this = {caller, 0, {}};
    ++count;
    waited += wait;
  }
};

// What decides, for everybody who asks, whether waiting for an account makes sense.
struct Availability {
  bool enabled = true;
  AccountState state = AccountState::kActive;
  std::optional<WallTime> until;
  bool has_token = false;
  bool token_refused = false;
  std::size_t model_refusals = 0;
  std::size_t spent = 0;
  std::uint32_t held = 0;  // by reserves (reserve.h)
  friend bool operator==(const Availability&, const Availability&) = default;
};

// An extra limit that is used up, as the models that it is for know it.
struct SpentLimit {
  std::string limit;
  std::string evidence;
  WallTime since{};
  WallTime until{};
};

// What a reading of the usage endpoint has done to an exhausted account. One that says there is quota where calls are
// refused for want of it is believed once: then the refusal stands until its time is over, the numbers are others, or a
// long while has passed.
struct Contradiction {
  bool lifted = false;     // a reading ended the last exhaustion, and no call has gone well since
  std::vector<Window> on;  // what it was lifted on
  int in_vain = 0;
  SteadyTime last_at{};
};

struct PoolAccount {
  AccountFacts facts;
  Mark mark;
  Quota quota;
  int open = 0;  // leases
  // The provider refused the token it has; a refresh is on its way.
  bool token_refused = false;
  // Our own clock's end of a throttle or exhaustion.
  std::optional<SteadyTime> release_at;
  std::uint64_t used_order = 0;  // of its last grant; larger is later
  std::int64_t turn = 0;         // when it is due by Turns (strategy.h)
  bool touched = false;          // it may have changed since it was ranked
  Availability availability;     // when it was ranked
  std::optional<WallTime> last_used_at;
  // Models it refused, and until when that is believed unless the provider's list says otherwise.
  std::map<std::string, SteadyTime> model_refusals;
  // The schedule of looking at the usage endpoint while exhausted.
  std::optional<SteadyTime> check_at;
  int checks = 0;
  bool checking = false;
  WallTime asked_at{};                 // the look that is under way, or the last one
  std::int64_t asked_with = 0;         // the version of its credential then
  std::optional<SteadyTime> stale_at;  // when a look is due because nobody tells of it
  bool tells_usage = true;             // its provider has an endpoint for it
  Contradiction contradiction;
  std::map<std::string, SpentLimit> spent;  // by the models that it is for
  Strikes throttles;
  Patience patience;
  Strikes suspicions;
  bool suspected = false;           // its mark is a suspicion
  bool token_suspected = false;     // and it is of a token that was refused, fresh or not to be renewed
  std::int64_t refused_fresh = -1;  // the version of a token that was refused when it was fresh
  LatelyAnswered lately;
  OverloadHold overload;
  Slowness slowness;

  AccountState state() const { return facts.enabled ? mark.state : AccountState::kDisabled; }
  bool token_expired(WallTime now) const { return facts.token_expires_at && *facts.token_expires_at <= now; }
};

// Why `account` cannot serve `model` of `provider` now, all but slots, path and what the request tried.
// `despite_throttle`: for the request that is tried again in its place.
Block BlockOf(const PoolAccount& account, const std::string& provider, const std::string& wire_model, const Moment& now,
              bool despite_throttle = false);

// "exhausted until 2026-08-22T14:05:00Z (429 usage_limit_reached)"
std::string Explain(const PoolAccount& account, Block block, int slots, const std::string& wire_model);
// When the block may end, if known.
std::optional<WallTime> BlockEnds(const PoolAccount& account, Block block, const std::string& wire_model,
                                  const Moment& now);

}  // namespace patchbay::accounts
