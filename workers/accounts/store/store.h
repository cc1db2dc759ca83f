// Where accounts, keys and usage are kept. Blocking; one thread at a time (see StorageThread).
//
// A write that returned OK is durable when the outermost InTransaction it ran in returned OK. kUnavailable: the disk
// is full, failing or read-only; nothing was written.
//
// Several processes may share one: what they would take from each other is written with the version that it follows,
// and claimed before it leaves the house. tests/unit holds every store to that (store_conformance_test.cc).
#pragma once

#include <functional>
#include <memory>

#include "lib/base/result.h"
#include "workers/accounts/store/records.h"
#include "workers/accounts/store/stored_usage.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

class Store : public StoredUsage {
 public:
  // Everything that `work` writes, or nothing of it. May be nested.
  virtual Result<void> InTransaction(const std::function<Result<void>()>& work) = 0;

  // Who we are among those that share it: the same after a restart.
  virtual Result<std::string> Node() = 0;

  // In the order they were added.
  virtual Result<std::vector<StoredAccount>> LoadAccounts() = 0;
  // Nothing when there is none.
  virtual Result<std::optional<StoredAccount>> LoadAccount(const AccountId& account) = 0;
  // Adds or replaces; the tokens, state, windows and counters of one that is there stay.
  virtual Result<void> PutAccount(const StoredAccount& account) = 0;
  // Its tokens, and who they say it is, in place of those of version `expected`, whose claim ends with them. False, and
  // nothing is written: the account has another version by now, or is gone.
  virtual Result<bool> PutTokens(const StoredAccount& account, std::int64_t expected) = 0;
  virtual Result<void> RemoveAccount(const AccountId& account) = 0;
  virtual Result<void> PutMark(const AccountId& account, const Mark& mark) = 0;
  // In place of what was there.
  virtual Result<void> PutQuota(const AccountId& account, const QuotaState& quota) = 0;
  // One point of each window and time is kept: the last.
  virtual Result<void> AddQuotaPoints(const AccountId& account, const std::vector<QuotaPoint>& points) = 0;
  // The latest that are no more than `limit`.
  virtual Result<QuotaPoints> ListQuotaPoints(const AccountId& account, WallTime since, int limit) = 0;
  // Those before that time go, and the oldest beyond that many.
  virtual Result<void> TrimQuotaPoints(WallTime before, std::int64_t rows_max) = 0;

  // `wish` becomes the account's claim (kOurs) unless another owner's is in force at `wish.claimed_at` (kHeld) or the
  // version is not the account's (kOtherTokens). A claim is in force from its claimed_at (a minute earlier, since
  // clocks differ) to its expires_at, so that a clock that jumps back does not hold it for days; its owner may always
  // claim anew.
  virtual Result<ClaimAnswer> ClaimRefresh(const RefreshClaim& wish) = 0;
  // The token goes to the provider now. False: the claim is not the owner's any more. An earlier time stays.
  virtual Result<bool> NoteShown(const AccountId& account, const std::string& owner, WallTime at) = 0;
  // The owner is done without new tokens. With `shown_at`, that stays known of these tokens; nobody holds the claim
  // then.
  virtual Result<void> EndClaim(const AccountId& account, const std::string& owner,
                                std::optional<WallTime> shown_at) = 0;
  virtual Result<std::vector<RefreshClaim>> LoadClaims() = 0;

  virtual Result<void> PutLogin(const StoredLogin& login) = 0;
  virtual Result<void> RemoveLogin(const LoginId& login) = 0;
  virtual Result<std::vector<StoredLogin>> LoadLogins() = 0;

  virtual Result<std::vector<StoredClientKey>> LoadClientKeys() = 0;
  // Adds or replaces, its secrets with it.
  virtual Result<void> PutClientKey(const StoredClientKey& key) = 0;
  virtual Result<void> RemoveClientKey(const ClientKeyId& key) = 0;
  // What keys have used of each day since then, where it is anything.
  virtual Result<std::vector<KeyDay>> LoadKeyDays(std::chrono::sys_days since) = 0;

  virtual Result<std::vector<StoredModelList>> LoadModelLists() = 0;
  virtual Result<void> PutModelList(const StoredModelList& list) = 0;
  virtual Result<void> RemoveModelList(const std::string& provider, const std::string& plan) = 0;

  // Notes who begins now: which life of the supervisor this is (worker.h). True when it was the same one last time.
  virtual Result<bool> BeginRun(const std::string& run) = 0;

  // Adds or replaces; those used before the changes' time go.
  virtual Result<void> PutAffinity(const AffinityChanges& changes) = 0;
  // The latest used first.
  virtual Result<std::vector<KeptBinding>> LoadAffinity(int limit) = 0;

  // Leases of long calls, kept so that no row of theirs is lost when this process and the frontend die together.
  virtual Result<void> PutOpenLeases(const std::vector<HeldLease>& leases) = 0;
  virtual Result<void> RemoveOpenLeases(const std::vector<LeaseId>& leases) = 0;
  // Those without a usage row.
  virtual Result<std::vector<HeldLease>> LoadOpenLeases() = 0;

  // Rows and the sums that they belong to, together. A row with kOutcomeLost is filled in by the one that follows it,
  // and the sums are corrected.
  virtual Result<std::vector<RowAdded>> AddUsage(const std::vector<UsageRecord>& usages) = 0;
  // Another one for reads that may take long, on a thread of its own (see ReadThread); it may outlive this.
  virtual Result<std::unique_ptr<StoredUsage>> OpenReader() = 0;
  // Sums by week, in the order of their weeks, models and keys.
  virtual Result<std::vector<WeekUsage>> LoadWeeks() = 0;
  // At most a step of each kind. True: there is more to forget.
  virtual Result<bool> ForgetUsage(const UsageRetention& retention) = 0;
};

}  // namespace patchbay::accounts
