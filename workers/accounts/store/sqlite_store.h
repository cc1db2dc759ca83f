// The store on SQLite: WAL, synchronous=FULL, secrets sealed.
#pragma once

#include <filesystem>
#include <memory>

#include "lib/seal/seal.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/store.h"

namespace patchbay::accounts {

class SqliteStore final : public Store {
 public:
  // Opens or makes the database, brings it to the newest shape and looks whether it is whole. Refuses a damaged, a
  // read-only and a newer one, and one that was sealed with another key: never an empty pool instead.
  static Result<std::unique_ptr<SqliteStore>> Open(const std::filesystem::path& path,
                                                   std::unique_ptr<seal::Sealer> sealer);

  Result<void> InTransaction(const std::function<Result<void>()>& work) override;
  Result<std::string> Node() override;
  Result<std::vector<StoredAccount>> LoadAccounts() override;
  Result<std::optional<StoredAccount>> LoadAccount(const AccountId& account) override;
  Result<void> PutAccount(const StoredAccount& account) override;
  Result<bool> PutTokens(const StoredAccount& account, std::int64_t expected) override;
  Result<void> RemoveAccount(const AccountId& account) override;
  Result<void> PutMark(const AccountId& account, const Mark& mark) override;
  Result<void> PutQuota(const AccountId& account, const QuotaState& quota) override;
  Result<void> AddQuotaPoints(const AccountId& account, const std::vector<QuotaPoint>& points) override;
  Result<QuotaPoints> ListQuotaPoints(const AccountId& account, WallTime since, int limit) override;
  Result<void> TrimQuotaPoints(WallTime before, std::int64_t rows_max) override;
  Result<ClaimAnswer> ClaimRefresh(const RefreshClaim& wish) override;
  Result<bool> NoteShown(const AccountId& account, const std::string& owner, WallTime at) override;
  Result<void> EndClaim(const AccountId& account, const std::string& owner, std::optional<WallTime> shown_at) override;
  Result<std::vector<RefreshClaim>> LoadClaims() override;
  Result<void> PutLogin(const StoredLogin& login) override;
  Result<void> RemoveLogin(const LoginId& login) override;
  Result<std::vector<StoredLogin>> LoadLogins() override;
  Result<std::vector<StoredClientKey>> LoadClientKeys() override;
  Result<void> PutClientKey(const StoredClientKey& key) override;
  Result<void> RemoveClientKey(const ClientKeyId& key) override;
  Result<std::vector<KeyDay>> LoadKeyDays(std::chrono::sys_days since) override;
  Result<std::vector<StoredModelList>> LoadModelLists() override;
  Result<void> PutModelList(const StoredModelList& list) override;
  Result<void> RemoveModelList(const std::string& provider, const std::string& plan) override;
  Result<bool> BeginRun(const std::string& run) override;
  Result<void> PutAffinity(const AffinityChanges& changes) override;
  Result<std::vector<KeptBinding>> LoadAffinity(int limit) override;
  Result<void> PutOpenLeases(const std::vector<HeldLease>& leases) override;
  Result<void> RemoveOpenLeases(const std::vector<LeaseId>& leases) override;
  Result<std::vector<HeldLease>> LoadOpenLeases() override;
  Result<std::vector<RowAdded>> AddUsage(const std::vector<UsageRecord>& usages) override;
  Result<std::unique_ptr<StoredUsage>> OpenReader() override;
  Result<UsagePage> ListUsage(int limit, const std::string& request_id, const UsageFilter& filter) override;
  Result<UsageSums> SumUsage(const UsageQuestion& question) override;
  Result<std::vector<WeekUsage>> LoadWeeks() override;
  Result<bool> ForgetUsage(const UsageRetention& retention) override;

 private:
  SqliteStore(std::filesystem::path path, std::unique_ptr<sqlite::Database> database,
              std::unique_ptr<seal::Sealer> sealer)
      : path_(std::move(path)), database_(std::move(database)), sealer_(std::move(sealer)) {}
  Result<void> CheckSeal();

  std::filesystem::path path_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<seal::Sealer> sealer_;
};

}  // namespace patchbay::accounts
