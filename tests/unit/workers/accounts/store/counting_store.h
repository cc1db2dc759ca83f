// A store that counts and refuses, around a real one.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workers/accounts/store/store.h"

namespace patchbay::accounts {

// Counts transactions and their pieces, and refuses to commit, or to take one row, when told to.
class CountingStore : public Store {
 public:
  CountingStore(std::unique_ptr<Store> store, std::atomic<int>& commits, std::atomic<bool>& full,
                std::atomic<int>* savepoints = nullptr, std::string bad_lease = {})
      : store_(std::move(store)),
        commits_(commits),
        full_(full),
        savepoints_(savepoints),
        bad_lease_(std::move(bad_lease)) {}
  Result<void> InTransaction(const std::function<Result<void>()>& work) override {
    ++depth_;
    Result<void> done = store_->InTransaction([&]() -> Result<void> {
      RETURN_IF_ERROR(work());
      if (depth_ == 1 && full_) return Error(ErrorCode::kUnavailable, "database or disk is full");
      return {};
    });
    if (--depth_ == 0) ++commits_;
    if (depth_ == 1 && savepoints_ != nullptr) ++*savepoints_;
    return done;
  }
  Result<std::string> Node() override { return store_->Node(); }
  Result<std::vector<StoredAccount>> LoadAccounts() override { return store_->LoadAccounts(); }
  Result<std::optional<StoredAccount>> LoadAccount(const AccountId& account) override {
    return store_->LoadAccount(account);
  }
  Result<void> PutAccount(const StoredAccount& account) override { return store_->PutAccount(account); }
  Result<bool> PutTokens(const StoredAccount& account, std::int64_t expected) override {
    return store_->PutTokens(account, expected);
  }
  Result<void> RemoveAccount(const AccountId& account) override { return store_->RemoveAccount(account); }
  Result<void> PutMark(const AccountId& account, const Mark& mark) override { return store_->PutMark(account, mark); }
  Result<void> PutQuota(const AccountId& account, const QuotaState& quota) override {
    return store_->PutQuota(account, quota);
  }
  Result<void> AddQuotaPoints(const AccountId& account, const std::vector<QuotaPoint>& points) override {
    return store_->AddQuotaPoints(account, points);
  }
  Result<QuotaPoints> ListQuotaPoints(const AccountId& account, WallTime since, int limit) override {
    return store_->ListQuotaPoints(account, since, limit);
  }
  Result<void> TrimQuotaPoints(WallTime before, std::int64_t rows_max) override {
    return store_->TrimQuotaPoints(before, rows_max);
  }
  Result<ClaimAnswer> ClaimRefresh(const RefreshClaim& wish) override { return store_->ClaimRefresh(wish); }
  Result<bool> NoteShown(const AccountId& account, const std::string& owner, WallTime at) override {
    return store_->NoteShown(account, owner, at);
  }
  Result<void> EndClaim(const AccountId& account, const std::string& owner, std::optional<WallTime> shown_at) override {
    return store_->EndClaim(account, owner, shown_at);
  }
  Result<std::vector<RefreshClaim>> LoadClaims() override { return store_->LoadClaims(); }
  Result<void> PutLogin(const StoredLogin& login) override { return store_->PutLogin(login); }
  Result<void> RemoveLogin(const LoginId& login) override { return store_->RemoveLogin(login); }
  Result<std::vector<StoredLogin>> LoadLogins() override { return store_->LoadLogins(); }
  Result<std::vector<StoredClientKey>> LoadClientKeys() override { return store_->LoadClientKeys(); }
  Result<void> PutClientKey(const StoredClientKey& key) override { return store_->PutClientKey(key); }
  Result<void> RemoveClientKey(const ClientKeyId& key) override { return store_->RemoveClientKey(key); }
  Result<std::vector<KeyDay>> LoadKeyDays(std::chrono::sys_days since) override { return store_->LoadKeyDays(since); }
  Result<std::vector<StoredModelList>> LoadModelLists() override { return store_->LoadModelLists(); }
  Result<void> PutModelList(const StoredModelList& list) override { return store_->PutModelList(list); }
  Result<void> RemoveModelList(const std::string& provider, const std::string& plan) override {
    return store_->RemoveModelList(provider, plan);
  }
  Result<bool> BeginRun(const std::string& run) override { return store_->BeginRun(run); }
  Result<void> PutAffinity(const AffinityChanges& changes) override { return store_->PutAffinity(changes); }
  Result<std::vector<KeptBinding>> LoadAffinity(int limit) override { return store_->LoadAffinity(limit); }
  Result<void> PutOpenLeases(const std::vector<HeldLease>& leases) override { return store_->PutOpenLeases(leases); }
  Result<void> RemoveOpenLeases(const std::vector<LeaseId>& leases) override {
    return store_->RemoveOpenLeases(leases);
  }
  Result<std::vector<HeldLease>> LoadOpenLeases() override { return store_->LoadOpenLeases(); }
  Result<std::vector<RowAdded>> AddUsage(const std::vector<UsageRecord>& usages) override {
    for (const UsageRecord& usage : usages) {
      if (usage.lease.str() == bad_lease_) return Error(ErrorCode::kInternal, "constraint failed");
    }
    return store_->AddUsage(usages);
  }
  Result<std::unique_ptr<StoredUsage>> OpenReader() override { return store_->OpenReader(); }
  Result<UsagePage> ListUsage(int limit, const std::string& request_id, const UsageFilter& filter) override {
    return store_->ListUsage(limit, request_id, filter);
  }
  Result<UsageSums> SumUsage(const UsageQuestion& question) override { return store_->SumUsage(question); }
  Result<std::vector<WeekUsage>> LoadWeeks() override { return store_->LoadWeeks(); }
  Result<bool> ForgetUsage(const UsageRetention& retention) override { return store_->ForgetUsage(retention); }

 private:
  std::unique_ptr<Store> store_;
  std::atomic<int>& commits_;
  std::atomic<bool>& full_;
  std::atomic<int>* savepoints_;  // pieces of work, each with a savepoint of its own
  std::string bad_lease_;         // whose row is refused
  int depth_ = 0;
};

}  // namespace patchbay::accounts
