// Whose fault is a failed call, what it changes, and whether it may be tried elsewhere: a table, not ifs.
//
// The first row that matches decides. Rows are ordered from the most specific evidence (what the provider's dialect
// understood of its words) to the least (a status class). Policy: architecture §5.1.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workers/accounts/pool/outcome.h"

namespace patchbay::accounts {

enum class Fault {
  kRequest,  // the request would fail anywhere
  kAccount,  // this account cannot serve it
  kPath,     // the provider, or the way to it, is in trouble
  kGateway,  // one of our own processes let it down
};

enum class Effect {
  kNone,
  kThrottle,          // the account waits seconds
  kExhaust,           // the account waits for its window
  kRefresh,           // its token is not accepted: refresh it; without a way to refresh it needs a login
  kBan,               // the provider shut it
  kSuspect,           // it was refused without a word why: it rests a little, and its usage endpoint is asked
  kOverload,          // the provider is full, for this account or for all: their spread tells
  kModelUnsupported,  // this account cannot serve this model
};

enum class Elsewhere {
  kNo,        // show the failure to the client
  kOther,     // another account may be tried
  kSameToo,   // the account was never reached: another is better, the same is allowed
  kUnsealed,  // the same account once more, without the reasoning that the conversation carries sealed
};

// Whether an answer that blames an account can be believed by itself.
enum class Evidence {
  kWeak,    // a second account that answers the same shows that it is the request's doing
  kStrong,  // the provider's dialect understood a cause that is the account's own, whatever others answer
};

struct VerdictRow {
  std::string_view name;  // for logs and tests
  unsigned stages;        // bits of the stages that match
  int status_min, status_max;
  std::optional<Cause> cause;  // nothing: any
  unsigned bodies;             // bits of the body kinds that match
  bool challenge;              // true: only with a challenge page

  Fault fault;
  Effect effect;
  Elsewhere elsewhere;
  Evidence evidence = Evidence::kWeak;
};

struct Verdict {
  std::string rule;
  Fault fault = Fault::kRequest;
  Effect effect = Effect::kNone;
  Elsewhere elsewhere = Elsewhere::kNo;
  Evidence evidence = Evidence::kWeak;
  // When a throttle or an exhaustion is expected to end, as the provider told it.
  std::optional<WallTime> until;
};

// A throttle is of moments: what the provider names is obeyed within these bounds. Where it speaks of its rate limit by
// name, a longer wait is a limit with its reset.
inline constexpr std::chrono::seconds kThrottleLeast{1};
inline constexpr std::chrono::seconds kThrottleMax{120};
// Providers tell resets in whole seconds, by another clock than ours.
inline constexpr std::chrono::seconds kJustReset{60};
// No window is longer: such a reset is a provider's mistake (account-pools §1.5).
inline constexpr std::chrono::hours kResetMax{366 * 24};

std::span<const VerdictRow> VerdictTable();

struct OperatorVerdict;

// `rows` are tried first.
Verdict Classify(const FailureFacts& failure, const QuotaFacts& quota, WallTime now,
                 const std::vector<OperatorVerdict>& rows = {}, const std::string& provider = {});

// Two answers with the same signature are "the same answer": what the provider said, without the
// parts that legitimately differ between requests. A reset time is part of it, since two accounts that name
// different ones speak each of themselves.
std::string Signature(const FailureFacts& failure, const Verdict& verdict);

// "429 usage_limit_reached", "403 challenge page", "connect failed": evidence for people.
std::string Describe(const FailureFacts& failure);

std::string_view ToString(Cause cause);
std::string_view ToString(Fault fault);
std::string_view ToString(Effect effect);
std::string_view ToString(Elsewhere elsewhere);
std::string_view ToString(Evidence evidence);

}  // namespace patchbay::accounts
