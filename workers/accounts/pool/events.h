// What the pool says: answers for frontends, changes to keep, and work it wants done outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "patchbay/events/v1/event.pb.h"
#include "workers/accounts/pool/account.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/pool/verdict.h"

namespace patchbay::accounts {

// What else was agreed of a call. The pool never reads it: it comes back with the grant and with a lapse, so that
// nobody has to keep a second list of what is open.
struct CallTerms {
  std::string model;   // the client's name
  std::string effort;  // for the request; empty for its own
  std::string service_tier;
  bool effort_fitted = false;  // `effort` is the nearest to what the request asks for
  std::string dialect = {};    // the provider's
  bool relay = false;          // it takes the client's bytes as they are
  // That serves outside the budgets of the client key, which have no room for `model`. Empty: they have.
  std::string fallback_model = {};
  // What the call uses, as far as its request tells; 0: it does not. Its key sets as much aside.
  std::int64_t input_tokens = 0, max_output_tokens = 0;
  friend bool operator==(const CallTerms&, const CallTerms&) = default;
};

// A model that a call may be made on.
struct ModelTerms {
  std::string provider;
  std::string wire_model;
  // Whose list told that they have it not, while others have it.
  std::vector<std::string> lacking_plans;
  std::shared_ptr<const CallTerms> terms;
};

struct Explanation {
  AccountId account;
  std::string label;
  bool eligible = false;
  std::string reason;
  std::optional<WallTime> until;
};

// The same of one that was asked about, with what the choice rests on.
struct Candidate : Explanation {
  std::string provider;
  std::string wire_model;  // as which it would be asked for the model
  int place = 0;           // in which order those that can serve would be taken, from 1; 0 for others
  std::string score;       // what the strategy ranks it by
  bool home = false;       // the conversation lives there
  int leases_open = 0;
  int priority = 0;
  int weight = 1;
  WallTime since{};                    // its state
  std::optional<WallTime> held_until;  // for overload: last choice for new work
};

// An account as a choice met it, in little room: every request has some of these.
struct Weighed {
  std::int64_t order = 0;  // which account: AccountFacts::order
  Block block = Block::kNone;
  int place = 0;      // among those that could serve, as the strategy ranks them; 0: not among the first
  bool held = false;  // for overload
  int slower = 0;     // its first token takes so many times as long as its siblings'; 0: it does not
  std::optional<WallTime> until;
  std::string evidence;  // of what keeps it from serving, where something was seen
};

// Which accounts a choice was made of. Granted follows. Said when the settings ask for it.
struct Considered {
  FrontendId frontend;
  RequestId request;
  std::vector<Weighed> accounts;  // the first in line; of a small pool all
  std::size_t accounts_total = 0;
};

struct Granted {
  FrontendId frontend;
  RequestId request;
  LeaseId lease;
  AccountId account;
  std::string label;
  std::string provider;
  std::string wire_model;
  std::int64_t credential_version = 0;
  int attempt = 1;
  std::string reason;
  std::shared_ptr<const CallTerms> terms;
  bool without_sealed_reasoning = false;
  bool callers_login = false;
};

// Mirrors accounts.v1.DenyReason.
enum class DenyCode {
  kUnknownModel = 1,
  kNoAccount,
  kExhausted,
  kThrottled,
  kQueueFull,
  kQueueTimeout,
  kRequestFault,
  kAttempts,
  kPath,
  kKey,
  kCapability,
  kKeyTerms,
  kKeyRate,
  kKeyBudget,
};

std::string_view ToString(DenyCode code);

struct Denied {
  FrontendId frontend;
  RequestId request;
  DenyCode code = DenyCode::kNoAccount;
  std::string message;
  std::string summary;  // how many accounts are in which state
  std::string model;    // the client's name
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<WallTime> available_at;
  std::vector<Explanation> accounts;
  // A provider that has no sockets may serve it.
  bool without_socket = false;
};

// What a request would meet now.
struct PoolExplanation {
  std::vector<Candidate> accounts;
  AccountId chosen;  // empty: none
  std::string reason;
  std::optional<Denied> denied;  // none would be chosen, and waiting is no use
};

// An account's state changed, with the evidence; to be kept and logged.
struct MarkChanged {
  AccountId account;
  AccountState from;
  Mark mark;
};

// It is refused for overload where its siblings are served: last choice for new work until then.
struct OverloadHeld {
  AccountId account;
  std::string evidence;
  WallTime until{};
  int trips = 0;
};

struct QuotaChanged {
  AccountId account;
};

// An extra limit of the account is used up: it serves other models.
struct LimitSpent {
  AccountId account;
  std::string wire_model;
  SpentLimit spent;
};

// It cannot serve this model, the provider says.
struct ModelRefused {
  AccountId account;
  std::string wire_model;
};

// A failure was judged; for the log.
struct Judged {
  RequestId request;
  AccountId account;
  std::string rule;
  Fault fault;
  Effect effect;
  Evidence evidence;
  std::string failure;
  FrontendId frontend;
};

// A way to a provider that takes no calls for the moment, but for one that looks whether it works again.
struct PausedWay {
  std::string provider;
  std::string egress;
  std::string wire_model;  // empty: every model
  std::string evidence;    // the last failure
  WallTime next_try_at{};
  std::size_t conversations = 0;  // that failed in a row, at least
  std::size_t client_keys = 0;    // of so many keys
};

// A conversation had to leave its account.
struct AffinityMoved {
  RequestId request;
  AccountId from;
  AccountId to;
  std::string why;
};

// Which account a conversation belongs to, to be kept over a restart.
struct KeptBinding {
  std::string key;
  AccountId account;
  WallTime used_at{};
};

struct AffinityChanges {
  std::vector<KeptBinding> bindings;
  WallTime forgotten_before{};  // what was kept and used before this may go
};

// A lease that is open.
struct HeldLease {
  LeaseId lease;
  RequestId request;
  AccountId account;
  FrontendId frontend;
  ClientKeyId client_key;
  std::string provider;
  std::string wire_model;  // empty: it opens a socket, and no call is made under it
  int attempts = 1;
  WallTime granted_at{};
  std::shared_ptr<const CallTerms> terms;
};

// Its frontend ended, or went and did not come back: how the call ended nobody will tell.
struct LeaseLapsed {
  HeldLease held;
};

// Answer with RefreshSucceeded, RefreshRefused or RefreshFailed.
struct RefreshWanted {
  AccountId account;
  std::string why;
};

// Answer with UsageChecked.
struct UsageWanted {
  AccountId account;
};

// Something that people want to be told of, whichever part saw it; its kinds stand in events.proto. It is about an
// account, else a client key, else a provider.
struct Happened {
  events::v1::EventKind kind = events::v1::EVENT_KIND_UNSPECIFIED;
  AccountId account;
  std::string provider;
  ClientKeyId client_key;
  std::string part;  // of it: "7d window", "daily budget"; empty for the whole
  std::string evidence;
  std::optional<WallTime> until;
  RequestId request;
  int threshold = 0;  // the percent of the part that was passed
};

using PoolEvent = std::variant<Considered, Granted, Denied, MarkChanged, OverloadHeld, QuotaChanged, LimitSpent,
                               ModelRefused, Judged, AffinityMoved, LeaseLapsed, RefreshWanted, UsageWanted, Happened>;
using PoolEvents = std::vector<PoolEvent>;
// Takes what an operation on the pool has caused to whom it concerns.
using CarryEvents = std::function<void(PoolEvents)>;

}  // namespace patchbay::accounts
