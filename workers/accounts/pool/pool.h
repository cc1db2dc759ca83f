// The account pool: who may call on which account, who waits, and what a failed call means for whom.
//
// A machine without I/O: operations go in with the time, and each returns what it caused, in order. The same operations
// at the same times with the same ids give the same events. Single-threaded.
//
//   Acquire ──▶ Granted ──▶ Settle
//      │           └──▶ Retry ──▶ Granted (another account) …
//      ├──▶ waits ──▶ Granted | Denied
//      └──▶ Denied
//
// What always holds: an account that is not eligible is never granted; an account's slots in use are exactly its open
// leases; a request that waits is answered by its deadline. On weak evidence one request changes the state of one
// account at most, and when a second account gives the same answer, of none. What an account's provider says of it by
// name (strong evidence) is believed of that account, whatever others answer. Overload never holds more than half of a
// provider's accounts back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "workers/accounts/pool/account.h"
#include "workers/accounts/pool/affinity.h"
#include "workers/accounts/pool/breaker.h"
#include "workers/accounts/pool/call_hold.h"
#include "workers/accounts/pool/events.h"
#include "workers/accounts/pool/fair_queue.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/pool/prospect.h"
#include "workers/accounts/pool/ready.h"
#include "workers/accounts/pool/settings.h"
#include "workers/accounts/pool/standing.h"
#include "workers/accounts/pool/verdict.h"

namespace patchbay::accounts {

struct AcquireArgs {
  FrontendId frontend;
  std::uint64_t epoch = 0;  // which connection of that frontend
  RequestId request;
  std::string provider;
  std::string wire_model;
  // Whose accounts are not asked for it: their lists told that they have it not.
  std::vector<std::string> lacking_plans;
  std::string affinity_key;
  ClientKeyId client_key;
  AccountId pinned;               // only this account will do; empty for any
  std::vector<std::string> tags;  // only accounts with one of them will do; empty for any
  std::string key_name;           // of its client key, for what is kept for it
  std::shared_ptr<const CallTerms> terms;
  // Models that do instead, in order, where accounts refuse the one before; those of another provider also where its
  // accounts cannot serve at all. Null for none.
  std::shared_ptr<const std::vector<ModelTerms>> others;
  std::optional<std::chrono::milliseconds> max_wait;
  // Of a call on a socket: a provider that has none may serve it by itself.
  bool without_socket = false;
  // What its client key has set aside for it; null for a key without limits. It has room for every model here, and is
  // told of the one that the call is made on. A model that it has no room for by the time of a hop is passed over.
  std::shared_ptr<CallHold> hold = nullptr;
};

struct RetryArgs {
  FrontendId frontend;
  std::uint64_t epoch = 0;
  RequestId request;
  LeaseId lease;
  FailureFacts failure;
  QuotaFacts quota;
  std::optional<std::chrono::milliseconds> max_wait;
};

struct SettleArgs {
  LeaseId lease;
  bool succeeded = false;
  std::optional<std::chrono::milliseconds> first_token;
  std::int64_t input_tokens = 0;
  std::optional<FailureFacts> failure;
  QuotaFacts quota;
};

// A lease as its frontend declares it.
struct OpenLease {
  LeaseId lease;
  RequestId request;
  AccountId account;
  ClientKeyId client_key;
  std::string provider;
  std::string wire_model;
  std::shared_ptr<const CallTerms> terms = nullptr;
  std::shared_ptr<CallHold> hold = nullptr;  // as AcquireArgs::hold, moved to its model already
};

// What the usage endpoint said of an account when we asked it ourselves.
struct UsageAnswer {
  int http_status = 0;            // 0: no answer
  Cause cause = Cause::kUnknown;  // what its reader understood of a refusal
  std::string code;               // its own word for that, for people
  QuotaFacts quota;               // with 200
  bool nowhere = false;           // the provider has no such endpoint
};

class AccountPool {
 public:
  // `make_lease_id` gives a new id each time.
  explicit AccountPool(std::function<LeaseId()> make_lease_id) : make_lease_id_(std::move(make_lease_id)) {}

  [[nodiscard]] PoolEvents Configure(const PoolSettings& settings, const Moment& now);
  const PoolSettings& settings() const { return settings_; }

  // Accounts. Put adds or replaces the facts, and keeps state, quota and leases of one that is there.
  [[nodiscard]] PoolEvents Put(const AccountFacts& facts, const Moment& now);
  // What was known before a restart. Causes nothing.
  void Restore(const AccountId& account, const Mark& mark, QuotaState quota, const Moment& now);
  [[nodiscard]] PoolEvents Remove(const AccountId& account, const Moment& now);
  [[nodiscard]] PoolEvents ClearMarks(const AccountId& account, const Moment& now);
  const PoolAccount* Find(const AccountId& account) const;
  // Null when it has been removed.
  const PoolAccount* FindByOrder(std::int64_t order) const;
  const std::vector<PoolAccount*>& accounts() const { return by_order_; }

  // Frontends. Their declarations and their going say nothing by themselves: what follows comes with the time.
  void Redeclare(const FrontendId& frontend, std::uint64_t epoch, const std::vector<OpenLease>& open,
                 const Moment& now);
  // Its connection ended. Its process may live and come back: until the grace is over it keeps its leases.
  void Gone(const FrontendId& frontend, std::uint64_t epoch, const Moment& now);
  // Its process ended: its leases lapse now, and nothing of it waits any more.
  [[nodiscard]] PoolEvents Ended(const FrontendId& frontend, const Moment& now);
  // A lease that was open before a restart of ours. Its frontend has the grace to declare it.
  void Resume(const HeldLease& held, std::shared_ptr<CallHold> hold, const Moment& now);
  [[nodiscard]] PoolEvents Acquire(const AcquireArgs& args, const Moment& now);
  [[nodiscard]] PoolEvents Retry(const RetryArgs& args, const Moment& now);
  // A lease that is not open any more is no error: settling is idempotent.
  [[nodiscard]] PoolEvents Settle(const SettleArgs& args, const Moment& now);
  void Withdraw(const FrontendId& frontend, const RequestId& request);

  // The provider's list for a plan: what its accounts refused of these is tried again.
  [[nodiscard]] PoolEvents ModelsTold(const std::string& provider, const std::string& plan,
                                      const std::set<std::string>& models, const Moment& now);
  // Whether every account of that provider that might serve it has refused this model. False without an account.
  bool AllRefuse(const std::string& provider, const std::string& wire_model) const;

  // Which conversations belong where, for the store: what has changed since the last call, and until when nothing that
  // was said before is needed.
  AffinityChanges TakeAffinityChanges(const Moment& now);
  // The latest used first. Bindings to accounts that are not there are left out.
  void RestoreAffinity(const std::vector<KeptBinding>& bindings, const Moment& now);

  // Answers to RefreshWanted and UsageWanted.
  [[nodiscard]] PoolEvents RefreshSucceeded(const AccountId& account, const Moment& now);
  // Permanent: the refresh token is dead and a human has to log in.
  [[nodiscard]] PoolEvents RefreshRefused(const AccountId& account, const std::string& evidence, const Moment& now);
  // The refresh did not work this time; the old token may still be good.
  [[nodiscard]] PoolEvents RefreshFailed(const AccountId& account, const Moment& now);
  // The operator wants it asked now.
  [[nodiscard]] PoolEvents Recheck(const AccountId& account, const Moment& now);
  [[nodiscard]] PoolEvents UsageChecked(const AccountId& account, const UsageAnswer& answer, const Moment& now);
  // The provider has reset the account's windows, for a credit.
  [[nodiscard]] PoolEvents WindowsReset(const AccountId& account, const Moment& now);

  // Call at least every second, and every few ten milliseconds while queued() > 0.
  [[nodiscard]] PoolEvents Tick(const Moment& now);

  // The ways that take no calls now.
  std::vector<PausedWay> PausedWays(const Moment& now) const;
  // Whether each account would be chosen for this request now, and why not. Changes nothing.
  PoolExplanation Explain(const AcquireArgs& args, const Moment& now) const;

  std::size_t queued() const { return queue_.size(); }
  std::size_t leases_open() const { return leases_.size(); }
  bool Holds(const LeaseId& lease) const { return leases_.contains(lease); }
  // What an open lease's client key has set aside for it; null for nothing.
  std::shared_ptr<CallHold> HoldOf(const LeaseId& lease) const;
  // Whether that is asked again on a new connection and has its lease already.
  bool IsGranted(const FrontendId& frontend, const RequestId& request, std::uint64_t epoch);
  std::optional<HeldLease> Held(const LeaseId& lease) const;
  // The open leases that were granted by then.
  std::vector<HeldLease> Held(WallTime granted_by, const std::unordered_set<LeaseId>& except = {}) const;
  // Those that have leases or are connected.
  std::set<FrontendId> Frontends() const;
  std::size_t affinity_size() const { return affinity_.size(); }

 private:
  // The one change of state that a request has caused, so that it can be undone.
  struct Damage {
    AccountId account;
    Mark before;
    std::string signature;
    bool undoable = true;  // false: confirmed by evidence of its own since
  };
  struct Stay {
    AccountId account;
    std::string_view why;     // it gets the next lease, for the trace
    SteadyTime not_before{};  // the next lease
    bool despite_throttle = false;
  };
  struct Request {
    std::uint64_t serial = 0;
    FrontendId frontend;
    std::uint64_t epoch = 0;
    RequestId id;
    std::string provider;
    std::string wire_model;
    std::string affinity_key;
    ClientKeyId client_key;
    AccountId pinned;
    std::vector<std::string> tags;
    ReserveSet kept_for = 0;
    std::shared_ptr<const CallTerms> terms;
    std::vector<std::string> lacking_plans;
    std::shared_ptr<const std::vector<ModelTerms>> others;
    std::size_t others_used = 0;
    bool without_socket = false;
    std::shared_ptr<CallHold> hold;

    int attempts = 0;
    int attempts_before = 0;  // on models before this one
    int attempts_free = 0;    // of the present model: those that count against no limit
    int in_place = 0;         // tries again on the account that throttled it
    std::chrono::milliseconds waited_in_place{0};
    int gateway_retries = 0;
    std::set<AccountId> tried;      // never again
    std::set<AccountId> refused;    // not for this model
    std::set<AccountId> avoid;      // only if there is no other
    std::set<AccountId> refreshed;  // had their one more try with a new token
    std::optional<Damage> damage;
    std::optional<std::string> refusal;  // signature of the answer that made us refresh
    std::optional<Verdict> verdict;      // of the last failure
    std::string failure;                 // the same, described

    LeaseId lease;     // empty: none
    LeaseId replaced;  // the lease that its last Retry ended
    std::optional<Granted> grant;

    bool waiting = false;
    SteadyTime deadline{};
    std::optional<SteadyTime> pinned_until;  // until then, wait for the account it is bound to
    std::optional<Stay> stay;                // no other account will do for the moment
    AccountId home;                          // where its conversation lived before it
    bool bound = false;                      // its last lease was on the account that its conversation lives on
    bool unsealed = false;                   // had its one try without sealed reasoning
  };
  struct Lease {
    LeaseId id;
    AccountId account;
    std::uint64_t request = 0;
    FrontendId frontend;
    std::int64_t credential_version = 0;
    WallTime granted_at{};
    std::optional<SteadyTime> lapses_at;
  };
  struct Picked {
    PoolAccount* account = nullptr;
    std::string reason;
    std::string moved_from;  // account id, when affinity had to give way
    std::string moved_why;
    bool in_turn = false;      // the strategy chose it
    bool substitutes = false;  // for this request alone: the conversation stays bound
  };

  // Whoever gets an account may change it: it is ranked anew before the next choice.
  PoolAccount* Get(const AccountId& account);
  void Touch(PoolAccount& account);
  void TellStandings();
  static Caller CallerOf(const Request& request) { return {request.client_key, request.affinity_key}; }
  static std::string RequestKey(const FrontendId& frontend, const RequestId& request);
  Request* Latest(const FrontendId& frontend, const RequestId& request);

  // pool_grant.cc: choosing, waiting, answering.
  Block FullBlock(const PoolAccount& account, const Request& request, const Moment& now) const;
  Picked Pick(Request& request, const Moment& now);
  // The strategy's choice among those that could serve it now. Null when there is none.
  PoolAccount* Choose(const Request& request, const Moment& now);
  bool MayServe(const ReadyAccounts::Shelf& shelf, const Request& request, const std::string& wire_model,
                const std::vector<std::string>& lacking_plans, const Moment& now) const;
  // Those that could serve now, ranked as they are.
  const ReadyAccounts& Ready(const Moment& now);
  void Serve(Request& request, bool first_in_line, const Moment& now);  // grant, queue or deny; may erase `request`
  // Goes on to the next model where an account will not serve this one, and to another provider's in any case. False:
  // there is none.
  bool TakeNextModel(Request& request, const Moment& now);
  // Whether another provider stands next that has an account free for it.
  bool NextProviderServes(const Request& request, const Moment& now);
  void Grant(Request& request, const Picked& picked, const Moment& now);
  void Enqueue(Request& request, bool first_in_line, const Moment& now);
  // Empty: waiting makes sense. Else the denial that tells why not.
  std::optional<Denied> Hopeless(const Request& request, const Moment& now);
  std::optional<Denied> Hopeless(const Request& request, const Prospect& prospect, const Moment& now) const;
  Prospect ProspectOf(const Request& request, const Moment& now);
  Prospect LookAtAll(const Request& request, const Moment& now) const;
  // In the order of their adding.
  const std::vector<PoolAccount*>& AccountsOf(const std::string& provider) const;
  Denied MakeDenied(const Request& request, DenyCode code, std::string message, const Moment& now) const;
  Denied MakeDenied(const Request& request, DenyCode code, std::string message, const Prospect& prospect,
                    const Moment& now) const;
  void Deny(Request& request, Denied denied);  // erases `request`
  void Pump(const Moment& now);
  // Those that wait for their own account's throttle, which counts as room for nobody else.
  void PumpInPlace(const Moment& now);
  void CheckWaiting(const Moment& now);

  // When the accounts of several providers were asked for, the client is told what it can wait for, and for how long.
  static bool TellsMore(const Denied& a, const Denied& b);
  int AttemptsCounted(const Request& request) const {
    return request.attempts - request.attempts_before - request.attempts_free;
  }

  // pool_explain.cc: what people are told.
  std::string Why(const PoolAccount& account, Block block, const std::string& wire_model, const Moment& now) const;
  Explanation ExplanationOf(const PoolAccount& account, Block block, const std::string& wire_model,
                            const Moment& now) const;
  // `block`, but of an account that the request has tried what it is by now.
  static Block BlockByNow(const PoolAccount& account, Block block, const Request& request, const Moment& now);
  // "the last 10 % of 7d for team-ci": what `account` is held back for, one behind the other.
  std::string ReservesOf(const PoolAccount& account, const Moment& now) const;
  // As BlockEnds, also of what is kept from this request.
  std::optional<WallTime> EndOf(const PoolAccount& account, Block block, const Request& request,
                                const Moment& now) const;
  // What was seen that keeps it from serving.
  std::string EvidenceOf(const PoolAccount& account, Block block, const Request& request, const Moment& now) const;
  // Says among which accounts the choice for this request is made, before it changes them.
  void Consider(const Request& request, const Moment& now);

  // pool_path.cc: what is wrong with a way or a provider, and with no account.
  enum class Answer { kServed, kRefused, kFailedOnTheWay, kOverloaded };
  void Answered(const Request& request, PoolAccount& account, Answer answer, const Moment& now);
  void Overloaded(const Request& request, PoolAccount& account, const Moment& now);
  // The breaker that lets no call of `caller` pass now.
  const Breaker* Blocking(const std::string& provider, const std::string& egress, const std::string& wire_model,
                          const Caller& caller, const Moment& now) const;
  const Breaker* Blocking(const PoolAccount& account, const std::string& wire_model, const Caller& caller,
                          const Moment& now) const {
    return Blocking(account.facts.provider, account.facts.egress, wire_model, caller, now);
  }
  void StartOnWay(const PoolAccount& account, const Request& request, const Moment& now);
  // A conversation's account that cannot serve it for the moment is stood in for; else the conversation moves.
  static bool OnlyForTheMoment(const PoolAccount& account, Block block, const Request& request, const Moment& now);

  // Who stood in for its conversation's account before, if that one can again.
  PoolAccount* SubstituteOf(const Request& request, const Moment& now);
  void BindSubstitute(const Request& request, const PoolAccount& account, const Moment& now);

  // pool_lease.cc: the life of a lease.
  Request RequestOf(const AcquireArgs& args, const Moment& now) const;
  void StayWithProvider(Request& request, const Moment& now) const;
  static void TakeTerms(Request& request, const ModelTerms& terms);
  void EndLease(const LeaseId& lease);
  void Erase(std::uint64_t serial);
  void Adopt(const HeldLease& held, std::shared_ptr<CallHold> hold, std::uint64_t epoch,
             std::optional<SteadyTime> lapses_at);
  static HeldFor HeldForOf(const std::string& provider, const std::string& wire_model,
                           const std::shared_ptr<const CallTerms>& terms);
  HeldLease HeldOf(const Lease& lease) const;
  void Lapse(const std::vector<LeaseId>& leases);
  void ForgetWaiting(const FrontendId& frontend);

  // pool_judge.cc: what failures and checks mean.
  enum class Next { kStop, kElsewhere, kRefreshed, kUnsealed, kInPlace };
  static Next NextOf(const Request& request, const Verdict& verdict);
  Next Judge(Request& request, PoolAccount& account, std::int64_t credential_version, const FailureFacts& failure,
             const QuotaFacts& quota, Verdict& verdict, const Moment& now);
  Next Blame(Request& request, PoolAccount& account, Mark mark, const std::string& signature, Verdict& verdict,
             const Moment& now);
  void UndoDamage(Request& request, const std::string& what, const Moment& now);
  void TurnIntoRequestFault(Request& request, PoolAccount& second, const std::string& what, Verdict& verdict,
                            const Moment& now);
  // How long to wait before the same account is asked again; nothing: it is not.
  std::optional<std::chrono::milliseconds> WaitInPlace(const Request& request, const PoolAccount& account,
                                                       const Verdict& verdict, const Moment& now);
  void SetMark(PoolAccount& account, Mark mark, const Moment& now);

  // pool_quota.cc: what accounts have left, and how it is learnt.
  // `asked_at`: when what tells it was asked, to be compared with what is believed since.
  void MergeQuota(PoolAccount& account, const QuotaFacts& quota, WallTime asked_at, const Moment& now);
  // What its own numbers show to be used up is passed over; a refusal that tells it by name has been judged before.
  void SkipExhausted(PoolAccount& account, const QuotaFacts& quota, const Moment& now);
  void LearnLimits(const PoolAccount& account, const QuotaFacts& quota, const std::string& wire_model);
  void MarkSpentLimits(PoolAccount& account, const QuotaFacts& quota, WallTime asked_at, const Moment& now);
  void Spend(PoolAccount& account, const std::string& wire_model, SpentLimit spent);
  void Warn(PoolAccount& account, const Moment& now);
  void TakeReading(PoolAccount& account, const QuotaFacts& reading, const Moment& now);
  bool Believes(const PoolAccount& account, const Moment& now) const;
  void WantUsage(PoolAccount& account, const Moment& now);
  void WantUsageOfDue(const Moment& now);
  bool IsStale(const PoolAccount& account, const Moment& now) const;
  void HeardOf(PoolAccount& account, std::chrono::milliseconds ago, const Moment& now);
  std::chrono::milliseconds CheckDelay(int checks) const;

  std::function<LeaseId()> make_lease_id_;
  PoolSettings settings_;
  std::unordered_map<AccountId, std::unique_ptr<PoolAccount>> accounts_;
  std::vector<PoolAccount*> by_order_;
  std::unordered_map<std::string, std::vector<PoolAccount*>> by_provider_;  // the same, of each
  std::set<std::pair<std::int64_t, PoolAccount*>> ailing_;                  // by order: those that time may heal
  Prospects prospects_;
  ReadyAccounts ready_;
  Standings standings_;
  std::vector<PoolAccount*> touched_;
  WallTime ranked_at_{};
  std::map<std::pair<std::string, int>, Turns> turns_;  // by provider and priority
  struct Way {
    std::string provider;
    std::string egress;
    std::string wire_model;  // empty: of every model; else what the provider has too little room for
    Breaker breaker;
  };
  Way* FindWay(const PoolAccount& account, const std::string& wire_model);
  std::vector<Way> ways_;                      // those on which something failed since all was well
  std::map<std::string, RecentKeys> keys_of_;  // by provider
  UsualFirstTokens usual_first_tokens_;
  // Which extra limit a model is counted against: by provider and model.
  std::map<std::pair<std::string, std::string>, std::string> limits_of_models_;
  // Looks at usage endpoints that may be taken now, and when that was counted.
  double checks_left_ = 0;
  std::optional<SteadyTime> checks_counted_at_;
  int checks_open_ = 0;
  Affinity affinity_;
  FairQueue queue_;
  std::unordered_map<std::uint64_t, Request> requests_;
  std::unordered_map<std::string, std::uint64_t> latest_;  // by RequestKey
  std::set<std::uint64_t> in_place_;                       // of those that wait
  std::unordered_map<LeaseId, Lease> leases_;
  std::unordered_map<FrontendId, std::uint64_t> frontends_;  // their newest connection
  PoolEvents Said() { return std::exchange(events_, {}); }
  PoolEvents events_;  // of the operation that runs
  std::uint64_t next_serial_ = 1;
  std::uint64_t next_use_ = 1;
  bool prospects_changed_ = false;  // something that waiting requests count on may have gone
};

}  // namespace patchbay::accounts
