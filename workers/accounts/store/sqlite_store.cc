#include "workers/accounts/store/sqlite_store.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "workers/accounts/store/migrations.h"
#include "workers/accounts/store/usage_table.h"

namespace patchbay::accounts {
namespace {

// Larger databases are only checked where it matters for leasing: reading gigabytes of usage rows would hold up every
// restart.
constexpr std::uintmax_t kWholeCheckBytesMax = 8 * 1024 * 1024;

// What a sealed column belongs to.
std::string Owner(const AccountId& account, std::string_view column) {
  return "accounts/" + account.str() + "/" + std::string(column);
}

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

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::filesystem::path& path,
                                                       std::unique_ptr<seal::Sealer> sealer) {
  auto opened = sqlite::Database::Open(path);
  if (!opened.ok()) return std::move(opened).error();
  auto store = std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*opened), std::move(sealer)));
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

Result<std::vector<StoredAccount>> SqliteStore::LoadAccounts() {
  std::vector<StoredAccount> accounts;
  std::map<std::string, std::size_t> place;
  {
    ASSIGN_OR_RETURN(
        auto query,
        database_->Prepare(
            "SELECT a.ref, a.position, a.provider, a.label, a.provider_account_id, a.user_id, a.email, a.plan, "
            "a.egress,"
            " a.fedramp, a.enabled, a.access_token, a.refresh_token, a.id_token, a.credential_version, a.created_at,"
            " s.state, s.evidence, s.since, s.until, s.request_id, c.requests_total, c.last_used_at, a.configured_by,"
            " a.priority, a.weight"
            " FROM accounts a LEFT JOIN account_state s ON s.account = a.ref"
            " LEFT JOIN account_counters c ON c.account = a.ref ORDER BY a.position"));
    for (;;) {
      ASSIGN_OR_RETURN(const bool row, query->Step());
      if (!row) break;
      StoredAccount account;
      account.ref = AccountId(query->Text(0));
      account.order = query->Integer(1);
      account.provider = query->Text(2);
      account.label = query->Text(3);
      account.provider_account_id = query->Text(4);
      account.user_id = query->Text(5);
      account.email = query->Text(6);
      account.plan = query->Text(7);
      account.egress = query->Text(8);
      account.fedramp = query->Integer(9) != 0;
      account.enabled = query->Integer(10) != 0;
      const auto open = [&](int column, std::string_view name) -> Result<Secret> {
        ASSIGN_OR_RETURN(std::string plain, sealer_->Unseal(query->Text(column), Owner(account.ref, name)));
        return Secret(std::move(plain));
      };
      ASSIGN_OR_RETURN(account.tokens.access, open(11, "access_token"));
      ASSIGN_OR_RETURN(account.tokens.refresh, open(12, "refresh_token"));
      ASSIGN_OR_RETURN(account.tokens.id, open(13, "id_token"));
      account.credential_version = query->Integer(14);
      account.created_at = query->Time(15);
      account.mark.since = account.created_at;
      if (!query->IsNull(16)) {
        account.mark.state = ParseState(query->Text(16)).value_or(AccountState::kActive);
        account.mark.evidence = query->Text(17);
        account.mark.since = query->Time(18);
        account.mark.until = query->MaybeTime(19);
        account.mark.request = RequestId(query->Text(20));
      }
      account.requests_total = query->Integer(21);
      account.last_used_at = query->MaybeTime(22);
      account.configured_by = query->Text(23);
      account.priority = static_cast<int>(query->Integer(24));
      account.weight = std::max(1, static_cast<int>(query->Integer(25)));
      place[account.ref.str()] = accounts.size();
      accounts.push_back(std::move(account));
    }
  }
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare("SELECT account, family, length_s, used_percent, resets_at, seen_at FROM quota_windows"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) break;
    const auto at = place.find(query->Text(0));
    if (at == place.end()) continue;
    accounts[at->second].windows.push_back(
        {query->Text(1), std::chrono::seconds(query->Integer(2)), query->Real(3), query->MaybeTime(4), query->Time(5)});
  }
  return accounts;
}

Result<void> SqliteStore::PutAccount(const StoredAccount& account) {
  const std::string access = sealer_->Seal(account.tokens.access.Reveal(), Owner(account.ref, "access_token"));
  const std::string refresh = sealer_->Seal(account.tokens.refresh.Reveal(), Owner(account.ref, "refresh_token"));
  const std::string id = sealer_->Seal(account.tokens.id.Reveal(), Owner(account.ref, "id_token"));
  ASSIGN_OR_RETURN(
      auto query, database_->Prepare(
                      "INSERT INTO accounts(ref, provider, label, provider_account_id, user_id, email, "
                      "plan, egress, fedramp, enabled,"
                      " access_token, refresh_token, id_token, credential_version, created_at, configured_by, priority,"
                      " weight)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
                      " ON CONFLICT(ref) DO UPDATE SET provider=?2, label=?3, provider_account_id=?4, "
                      "user_id=?5, email=?6, plan=?7,"
                      " egress=?8, fedramp=?9, enabled=?10, access_token=?11, refresh_token=?12, "
                      "id_token=?13, credential_version=?14, configured_by=?16, priority=?17, weight=?18"));
  query->Bind(account.ref.str()).Bind(account.provider).Bind(account.label).Bind(account.provider_account_id);
  query->Bind(account.user_id).Bind(account.email).Bind(account.plan).Bind(account.egress);
  query->Bind(std::int64_t{account.fedramp}).Bind(std::int64_t{account.enabled});
  query->BindBlob(access).BindBlob(refresh).BindBlob(id).Bind(account.credential_version).Bind(account.created_at);
  query->Bind(account.configured_by).Bind(std::int64_t{account.priority}).Bind(std::int64_t{account.weight});
  return query->Run();
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

Result<void> SqliteStore::PutWindows(const AccountId& account, const std::vector<Window>& windows) {
  for (const Window& window : windows) {
    ASSIGN_OR_RETURN(
        auto query,
        database_->Prepare(
            "INSERT OR REPLACE INTO quota_windows(account, family, length_s, used_percent, resets_at, seen_at)"
            " SELECT ref, ?2, ?3, ?4, ?5, ?6 FROM accounts WHERE ref=?1"));
    RETURN_IF_ERROR(query->Bind(account.str())
                        .Bind(window.family)
                        .Bind(static_cast<std::int64_t>(window.length.count()))
                        .Bind(window.used_percent)
                        .Bind(window.resets_at)
                        .Bind(window.seen_at)
                        .Run());
  }
  return {};
}

Result<void> SqliteStore::PutIntent(const RefreshIntent& intent) {
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare(
          "INSERT OR REPLACE INTO refresh_intents(account, credential_version, started_at) VALUES (?, ?, ?)"));
  return query->Bind(intent.account.str()).Bind(intent.credential_version).Bind(intent.started_at).Run();
}

Result<void> SqliteStore::RemoveIntent(const AccountId& account) {
  ASSIGN_OR_RETURN(auto query, database_->Prepare("DELETE FROM refresh_intents WHERE account=?"));
  return query->Bind(account.str()).Run();
}

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

Result<std::vector<RefreshIntent>> SqliteStore::LoadIntents() {
  std::vector<RefreshIntent> intents;
  ASSIGN_OR_RETURN(auto query,
                   database_->Prepare("SELECT account, credential_version, started_at FROM refresh_intents"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return intents;
    intents.push_back({AccountId(query->Text(0)), query->Integer(1), query->Time(2)});
  }
}

Result<std::vector<StoredClientKey>> SqliteStore::LoadClientKeys() {
  std::vector<StoredClientKey> keys;
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare(
          "SELECT id, name, hint, sha256, created_at, revoked_at FROM client_keys ORDER BY created_at, id"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return keys;
    keys.push_back({ClientKeyId(query->Text(0)), query->Text(1), query->Text(2), query->Text(3), query->Time(4),
                    query->MaybeTime(5)});
  }
}

Result<void> SqliteStore::PutClientKey(const StoredClientKey& key) {
  ASSIGN_OR_RETURN(
      auto query,
      database_->Prepare(
          "INSERT INTO client_keys(id, name, hint, sha256, created_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
          " ON CONFLICT(id) DO UPDATE SET name=?2, revoked_at=?6"));
  return query->Bind(key.id.str())
      .Bind(key.name)
      .Bind(key.hint)
      .BindBlob(key.sha256)
      .Bind(key.created_at)
      .Bind(key.revoked_at)
      .Run();
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
                                        " granted_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
    query->Bind(lease.lease.str()).Bind(lease.request.str()).Bind(lease.account.str()).Bind(lease.frontend.str());
    query->Bind(lease.client_key.str()).Bind(lease.terms ? lease.terms->model : std::string()).Bind(lease.provider);
    query->Bind(lease.wire_model).Bind(lease.terms ? lease.terms->service_tier : std::string());
    RETURN_IF_ERROR(query->Bind(std::int64_t{lease.attempts}).Bind(lease.granted_at).Run());
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
  ASSIGN_OR_RETURN(auto query,
                   database_->Prepare("SELECT lease_id, request_id, account, frontend, client_key_id, provider,"
                                      " wire_model, attempts, granted_at, model, service_tier FROM open_leases"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return leases;
    leases.push_back({LeaseId(query->Text(0)), RequestId(query->Text(1)), AccountId(query->Text(2)),
                      FrontendId(query->Text(3)), ClientKeyId(query->Text(4)), query->Text(5), query->Text(6),
                      static_cast<int>(query->Integer(7)), query->Time(8),
                      std::make_shared<const CallTerms>(CallTerms{query->Text(9), {}, query->Text(10)})});
  }
}

Result<bool> SqliteStore::AddUsage(const UsageRecord& usage) { return accounts::AddUsage(*database_, usage); }

Result<UsagePage> SqliteStore::ListUsage(int limit, const std::string& request_id) {
  return accounts::ListUsage(*database_, limit, request_id);
}

}  // namespace patchbay::accounts
