#include "workers/accounts/store/sqlite_store.h"

#include <system_error>

#include "lib/base/random.h"
#include "workers/accounts/store/account_table.h"
#include "workers/accounts/store/claim_table.h"
#include "workers/accounts/store/client_key_table.h"
#include "workers/accounts/store/migrations.h"
#include "workers/accounts/store/quota_table.h"
#include "workers/accounts/store/usage_sums.h"
#include "workers/accounts/store/usage_table.h"

namespace patchbay::accounts {
namespace {

// Larger databases are only checked where it matters for leasing: reading gigabytes of usage rows would hold up every
// restart.
constexpr std::uintmax_t kWholeCheckBytesMax = 8 * 1024 * 1024;

std::string OwnerOf(const LoginId& login) { return "logins/" + login.str(); }

Result<void> CheckWhole(sqlite::Database& database, const char* pragma) {
  ASSIGN_OR_RETURN(auto query, database.Prepare(pragma));
  ASSIGN_OR_RETURN(const bool row, query->Step());
  if (!row || query->Text(0) != "ok") {
    return Error(ErrorCode::kFailedPrecondition,
                 "the database is damaged: " + (row ? query->Text(0) : std::string("its check gave no answer")));
  }
  return {};
}

Result<UsageSums> Sums(sqlite::Database& database, const UsageQuestion& question) {
  ASSIGN_OR_RETURN(const WallTime forgotten_until, ForgottenUntil(database));
  return SumUsage(database, question, forgotten_until);
}

class SqliteUsageReader final : public StoredUsage {
 public:
  explicit SqliteUsageReader(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}
  Result<UsagePage> ListUsage(int limit, const std::string& request_id, const UsageFilter& filter) override {
    return Whole<UsagePage>([&] { return accounts::ListUsage(*database_, limit, request_id, filter); });
  }
  Result<UsageSums> SumUsage(const UsageQuestion& question) override {
    return Whole<UsageSums>([&] { return Sums(*database_, question); });
  }

 private:
  template <class T, class Read>
  Result<T> Whole(Read read) {
    T value;
    const Result<void> done = database_->InSnapshot([&]() -> Result<void> {
      ASSIGN_OR_RETURN(value, read());
      return {};
    });
    if (!done.ok()) return done.error();
    return value;
  }
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::filesystem::path& path,
                                                       std::unique_ptr<seal::Sealer> sealer) {
  auto opened = sqlite::Database::Open(path);
  if (!opened.ok()) return std::move(opened).error();
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(path, std::move(*opened), std::move(sealer)));
  const auto explain = [&](Error error) {
    error.message += " (" + path.string() + ")";
    return error;
  };
  sqlite::Database& database = *store->database_;
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  Result<void> ready = [&]() -> Result<void> {
    if (!ignored && size > 0 && size <= kWholeCheckBytesMax) {
      RETURN_IF_ERROR(CheckWhole(database, "PRAGMA quick_check(1)"));
    } else if (!ignored && size > 0) {
      RETURN_IF_ERROR(CheckWhole(database, "PRAGMA quick_check(accounts)"));
      RETURN_IF_ERROR(CheckWhole(database, "PRAGMA quick_check(client_keys)"));
    }
    RETURN_IF_ERROR(Migrate(database, LatestVersion()));
    // A write, so that a read-only file or a full disk shows now and not with the first account.
    RETURN_IF_ERROR(database.Execute(
        "INSERT OR REPLACE INTO meta(name, value) VALUES ('started_at', CAST(strftime('%s','now') AS TEXT))"));
    return store->CheckSeal();
  }();
  if (!ready.ok()) return explain(std::move(ready).error());
  return store;
}

// A known text, sealed with the key of the first start: it opens only with that key.
Result<void> SqliteStore::CheckSeal() {
  static constexpr std::string_view kOwner = "meta/seal_check";
  static constexpr char kKnown[] = "patchbay";
  {
    ASSIGN_OR_RETURN(auto query, database_->Prepare("SELECT value FROM meta WHERE name='seal_check'"));
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (row) {
      const auto opened = sealer_->Unseal(query->Text(0), kOwner);
      if (!opened.ok() || *opened != kKnown) {
        return Error(ErrorCode::kFailedPrecondition,
                     "the accounts were sealed with another key: restore the old seal.key (or PATCHBAY_SEAL_KEY)");
      }
      return {};
    }
  }
  const std::string sealed = sealer_->Seal(kKnown, kOwner);
  ASSIGN_OR_RETURN(auto query, database_->Prepare("INSERT INTO meta(name, value) VALUES ('seal_check', ?)"));
  return query->BindBlob(sealed).Run();
}

Result<void> SqliteStore::InTransaction(const std::function<Result<void>()>& work) {
  return database_->InTransaction(work);
}

Result<std::string> SqliteStore::Node() {
  {
    ASSIGN_OR_RETURN(auto query, database_->Prepare("SELECT value FROM meta WHERE name='node'"));
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (row) return query->Text(0);
  }
  std::string node = RandomId("node_", 80);
  ASSIGN_OR_RETURN(auto query, database_->Prepare("INSERT INTO meta(name, value) VALUES ('node', ?)"));
  RETURN_IF_ERROR(query->BindBlob(node).Run());
  return node;
}

Result<std::vector<StoredAccount>> SqliteStore::LoadAccounts() {
  return accounts::LoadAccounts(*database_, *sealer_, AccountId());
}

Result<std::optional<StoredAccount>> SqliteStore::LoadAccount(const AccountId& account) {
  ASSIGN_OR_RETURN(auto accounts, accounts::LoadAccounts(*database_, *sealer_, account));
  if (accounts.empty()) return std::optional<StoredAccount>();
  return std::optional(std::move(accounts.front()));
}

Result<void> SqliteStore::PutAccount(const StoredAccount& account) {
  return accounts::PutAccount(*database_, *sealer_, account);
}

Result<bool> SqliteStore::PutTokens(const StoredAccount& account, std::int64_t expected) {
  return accounts::PutTokens(*database_, *sealer_, account, expected);
}

Result<void> SqliteStore::RemoveAccount(const AccountId& account) {
  ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM accounts WHERE ref=?"));
  return query->Bind(account.str()).Run();
}

Result<void> SqliteStore::PutMark(const AccountId& account, const Mark& mark) {
  // An account that was removed meanwhile has no state to keep.
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare("INSERT OR REPLACE INTO account_state(account, state, evidence, since, until, request_id)"
                         " SELECT ref, ?2, ?3, ?4, ?5, ?6 FROM accounts WHERE ref=?1"));
  return query->Bind(account.str())
      .Bind(ToString(mark.state))
      .Bind(mark.evidence)
      .Bind(mark.since)
      .Bind(mark.until)
      .Bind(mark.request.str())
      .Run();
}

Result<void> SqliteStore::PutQuota(const AccountId& account, const QuotaState& quota) {
  return accounts::PutQuota(*database_, account, quota);
}

Result<void> SqliteStore::AddQuotaPoints(const AccountId& account, const std::vector<QuotaPoint>& points) {
  return accounts::AddQuotaPoints(*database_, account, points);
}

Result<QuotaPoints> SqliteStore::ListQuotaPoints(const AccountId& account, WallTime since, int limit) {
  return accounts::ListQuotaPoints(*database_, account, since, limit);
}

Result<void> SqliteStore::TrimQuotaPoints(WallTime before, std::int64_t rows_max) {
  return accounts::TrimQuotaPoints(*database_, before, rows_max);
}

Result<ClaimAnswer> SqliteStore::ClaimRefresh(const RefreshClaim& wish) {
  return accounts::ClaimRefresh(*database_, wish);
}

Result<bool> SqliteStore::NoteShown(const AccountId& account, const std::string& owner, WallTime at) {
  return accounts::NoteShown(*database_, account, owner, at);
}

Result<void> SqliteStore::EndClaim(const AccountId& account, const std::string& owner,
                                   std::optional<WallTime> shown_at) {
  return accounts::EndClaim(*database_, account, owner, shown_at);
}

Result<std::vector<RefreshClaim>> SqliteStore::LoadClaims() { return accounts::LoadClaims(*database_); }

Result<void> SqliteStore::PutLogin(const StoredLogin& login) {
  const std::string record = sealer_->Seal(login.record.Reveal(), OwnerOf(login.id));
  ASSIGN_OR_RETURN(auto query, database_->Prepare("INSERT OR REPLACE INTO logins(id, record) VALUES (?, ?)"));
  return query->Bind(login.id.str()).BindBlob(record).Run();
}

Result<void> SqliteStore::RemoveLogin(const LoginId& login) {
  ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM logins WHERE id=?"));
  return query->Bind(login.str()).Run();
}

Result<std::vector<StoredLogin>> SqliteStore::LoadLogins() {
  std::vector<StoredLogin> logins;
  ASSIGN_OR_RETURN(auto query, database_->Prepare("SELECT id, record FROM logins ORDER BY id"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return logins;
    LoginId id(query->Text(0));
    ASSIGN_OR_RETURN(std::string record, sealer_->Unseal(query->Text(1), OwnerOf(id)));
    logins.push_back({std::move(id), Secret(std::move(record))});
  }
}

Result<std::vector<StoredClientKey>> SqliteStore::LoadClientKeys() { return accounts::LoadClientKeys(*database_); }

Result<void> SqliteStore::PutClientKey(const StoredClientKey& key) {
  return InTransaction([&] { return accounts::PutClientKey(*database_, key); });
}

Result<void> SqliteStore::RemoveClientKey(const ClientKeyId& key) {
  return InTransaction([&] { return accounts::RemoveClientKey(*database_, key); });
}

Result<std::vector<KeyDay>> SqliteStore::LoadKeyDays(std::chrono::sys_days since) {
  return accounts::LoadKeyDays(*database_, since);
}

Result<std::vector<StoredModelList>> SqliteStore::LoadModelLists() {
  std::vector<StoredModelList> lists;
  ASSIGN_OR_RETURN(auto query, database_->Prepare("SELECT provider, plan, fetched_at, body FROM model_lists"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return lists;
    lists.push_back({query->Text(0), query->Text(1), query->Time(2), query->Text(3)});
  }
}

Result<void> SqliteStore::PutModelList(const StoredModelList& list) {
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare("INSERT OR REPLACE INTO model_lists(provider, plan, fetched_at, body) VALUES (?, ?, ?, ?)"));
  return query->Bind(list.provider).Bind(list.plan).Bind(list.fetched_at).BindBlob(list.body).Run();
}

Result<void> SqliteStore::RemoveModelList(const std::string& provider, const std::string& plan) {
  ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM model_lists WHERE provider=? AND plan=?"));
  return query->Bind(provider).Bind(plan).Run();
}

Result<void> SqliteStore::PutAffinity(const AffinityChanges& changes) {
  for (const KeptBinding& binding : changes.bindings) {
    // An account that was removed meanwhile has no conversations.
    ASSIGN_OR_RETURN(auto query, database_->Prepare("INSERT OR REPLACE INTO affinity(conversation, account, used_at)"
                                                    " SELECT ?2, ref, ?3 FROM accounts WHERE ref=?1"));
    RETURN_IF_ERROR(query->Bind(binding.account.str()).BindBlob(binding.key).Bind(binding.used_at).Run());
  }
  ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM affinity WHERE used_at < ?"));
  return query->Bind(changes.forgotten_before).Run();
}

Result<std::vector<KeptBinding>> SqliteStore::LoadAffinity(int limit) {
  std::vector<KeptBinding> bindings;
  ASSIGN_OR_RETURN(auto query, database_->Prepare("SELECT conversation, account, used_at FROM affinity"
                                                  " ORDER BY used_at DESC, conversation LIMIT ?"));
  query->Bind(std::int64_t{limit});
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return bindings;
    bindings.push_back({query->Text(0), AccountId(query->Text(1)), query->Time(2)});
  }
}

Result<void> SqliteStore::PutOpenLeases(const std::vector<HeldLease>& leases) {
  for (const HeldLease& lease : leases) {
    ASSIGN_OR_RETURN(auto query,
                     database_->Prepare("INSERT OR IGNORE INTO open_leases(lease_id, request_id, account, frontend,"
                                        " client_key_id, model, provider, wire_model, service_tier, attempts,"
                                        " granted_at, fallback_model, asks_input, asks_output)"
                                        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    const CallTerms terms = lease.terms ? *lease.terms : CallTerms();
    query->Bind(lease.lease.str()).Bind(lease.request.str()).Bind(lease.account.str()).Bind(lease.frontend.str());
    query->Bind(lease.client_key.str()).Bind(terms.model).Bind(lease.provider).Bind(lease.wire_model);
    query->Bind(terms.service_tier).Bind(std::int64_t{lease.attempts}).Bind(lease.granted_at);
    RETURN_IF_ERROR(query->Bind(terms.fallback_model).Bind(terms.input_tokens).Bind(terms.max_output_tokens).Run());
  }
  return {};
}

Result<void> SqliteStore::RemoveOpenLeases(const std::vector<LeaseId>& leases) {
  for (const LeaseId& lease : leases) {
    ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM open_leases WHERE lease_id=?"));
    RETURN_IF_ERROR(query->Bind(lease.str()).Run());
  }
  return {};
}

Result<bool> SqliteStore::BeginRun(const std::string& run) {
  bool same = false;
  {
    ASSIGN_OR_RETURN(auto last, database_->Prepare("SELECT value FROM meta WHERE name='run'"));
    ASSIGN_OR_RETURN(const bool row, last->Step());
    same = row && last->Text(0) == run;
  }
  if (same) return true;
  ASSIGN_OR_RETURN(auto note, database_->Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES ('run', ?)"));
  RETURN_IF_ERROR(note->BindBlob(run).Run());
  return false;
}

Result<std::vector<HeldLease>> SqliteStore::LoadOpenLeases() {
  std::vector<HeldLease> leases;
  RETURN_IF_ERROR(database_->Execute("DELETE FROM open_leases WHERE lease_id IN (SELECT lease_id FROM usage)"));
  ASSIGN_OR_RETURN(auto query, database_->Prepare(
                                   "SELECT lease_id, request_id, account, frontend, client_key_id, provider,"
                                   " wire_model, attempts, granted_at, model, service_tier, fallback_model, asks_input,"
                                   " asks_output FROM open_leases"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return leases;
    CallTerms terms{query->Text(9), {}, query->Text(10)};
    terms.fallback_model = query->Text(11);
    terms.input_tokens = query->Integer(12);
    terms.max_output_tokens = query->Integer(13);
    leases.push_back({LeaseId(query->Text(0)), RequestId(query->Text(1)), AccountId(query->Text(2)),
                      FrontendId(query->Text(3)), ClientKeyId(query->Text(4)), query->Text(5), query->Text(6),
                      static_cast<int>(query->Integer(7)), query->Time(8),
                      std::make_shared<const CallTerms>(std::move(terms))});
  }
}

Result<std::vector<RowAdded>> SqliteStore::AddUsage(const std::vector<UsageRecord>& usages) {
  return accounts::AddUsage(*database_, usages);
}

Result<UsagePage> SqliteStore::ListUsage(int limit, const std::string& request_id, const UsageFilter& filter) {
  return accounts::ListUsage(*database_, limit, request_id, filter);
}

Result<UsageSums> SqliteStore::SumUsage(const UsageQuestion& question) { return Sums(*database_, question); }

Result<std::unique_ptr<StoredUsage>> SqliteStore::OpenReader() {
  ASSIGN_OR_RETURN(auto database, sqlite::Database::OpenToRead(path_));
  return std::unique_ptr<StoredUsage>(std::make_unique<SqliteUsageReader>(std::move(database)));
}

Result<std::vector<WeekUsage>> SqliteStore::LoadWeeks() { return accounts::LoadWeeks(*database_); }

Result<bool> SqliteStore::ForgetUsage(const UsageRetention& retention) {
  return accounts::ForgetUsage(*database_, retention);
}

}  // namespace patchbay::accounts
