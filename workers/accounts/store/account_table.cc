#include "workers/accounts/store/account_table.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "workers/accounts/pool/tags.h"
#include "workers/accounts/store/quota_table.h"

namespace patchbay::accounts {
namespace {

// What a sealed column belongs to.
std::string OwnerOf(const AccountId& account, std::string_view column) {
  return "accounts/" + account.str() + "/" + std::string(column);
}

struct SealedTokens {
  SealedTokens(const seal::Sealer& sealer, const StoredAccount& account)
      : access(sealer.Seal(account.tokens.access.Reveal(), OwnerOf(account.ref, "access_token"))),
        refresh(sealer.Seal(account.tokens.refresh.Reveal(), OwnerOf(account.ref, "refresh_token"))),
        id(sealer.Seal(account.tokens.id.Reveal(), OwnerOf(account.ref, "id_token"))) {}
  std::string access, refresh, id;
};

Result<StoredAccount> ReadAccount(const sqlite::Query& query, const seal::Sealer& sealer) {
  StoredAccount account;
  account.ref = AccountId(query.Text(0));
  account.order = query.Integer(1);
  account.provider = query.Text(2);
  account.label = query.Text(3);
  account.provider_account_id = query.Text(4);
  account.user_id = query.Text(5);
  account.email = query.Text(6);
  account.plan = query.Text(7);
  account.egress = query.Text(8);
  account.fedramp = query.Integer(9) != 0;
  account.enabled = query.Integer(10) != 0;
  const auto open = [&](int column, std::string_view name) -> Result<Secret> {
    ASSIGN_OR_RETURN(std::string plain, sealer.Unseal(query.Text(column), OwnerOf(account.ref, name)));
    return Secret(std::move(plain));
  };
  ASSIGN_OR_RETURN(account.tokens.access, open(11, "access_token"));
  ASSIGN_OR_RETURN(account.tokens.refresh, open(12, "refresh_token"));
  ASSIGN_OR_RETURN(account.tokens.id, open(13, "id_token"));
  account.credential_version = query.Integer(14);
  account.created_at = query.Time(15);
  account.mark.since = account.created_at;
  if (!query.IsNull(16)) {
    account.mark.state = ParseState(query.Text(16)).value_or(AccountState::kActive);
    account.mark.evidence = query.Text(17);
    account.mark.since = query.Time(18);
    account.mark.until = query.MaybeTime(19);
    account.mark.request = RequestId(query.Text(20));
  }
  account.requests_total = query.Integer(21);
  account.last_used_at = query.MaybeTime(22);
  account.configured_by = query.Text(23);
  account.priority = static_cast<int>(query.Integer(24));
  account.weight = std::max(1, static_cast<int>(query.Integer(25)));
  account.token_expires_at = query.MaybeTime(26);
  account.tokens_at = query.Time(27);
  account.login_file = query.Text(28);
  account.tags = SplitTags(query.Text(29));
  return account;
}

}  // namespace

Result<std::vector<StoredAccount>> LoadAccounts(sqlite::Database& database, const seal::Sealer& sealer,
                                                const AccountId& ref) {
  std::vector<StoredAccount> accounts;
  std::map<std::string, std::size_t> place;
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare(
            "SELECT a.ref, a.position, a.provider, a.label, a.provider_account_id, a.user_id, a.email, a.plan,"
            " a.egress, a.fedramp, a.enabled, a.access_token, a.refresh_token, a.id_token, a.credential_version,"
            " a.created_at, s.state, s.evidence, s.since, s.until, s.request_id, c.requests_total, c.last_used_at,"
            " a.configured_by, a.priority, a.weight, a.token_expires_at, a.tokens_at, a.login_file, a.tags"
            " FROM accounts a LEFT JOIN account_state s ON s.account = a.ref"
            " LEFT JOIN account_counters c ON c.account = a.ref WHERE ?1 = '' OR a.ref = ?1 ORDER BY a.position"));
    query->Bind(ref.str());
    for (;;) {
      ASSIGN_OR_RETURN(const bool row, query->Step());
      if (!row) break;
      ASSIGN_OR_RETURN(StoredAccount account, ReadAccount(*query, sealer));
      place[account.ref.str()] = accounts.size();
      accounts.push_back(std::move(account));
    }
  }
  RETURN_IF_ERROR(LoadQuota(database, ref, [&](const std::string& account) -> QuotaState* {
    const auto at = place.find(account);
    return at == place.end() ? nullptr : &accounts[at->second].quota;
  }));
  return accounts;
}

Result<void> PutAccount(sqlite::Database& database, const seal::Sealer& sealer, const StoredAccount& account) {
  const SealedTokens sealed(sealer, account);
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare(
          "INSERT INTO accounts(ref, provider, label, provider_account_id, user_id, email, plan, egress, fedramp,"
          " enabled, access_token, refresh_token, id_token, credential_version, created_at, configured_by, priority,"
          " weight, token_expires_at, tokens_at, login_file, tags)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
          " ?21, ?22)"
          " ON CONFLICT(ref) DO UPDATE SET provider=?2, label=?3, provider_account_id=?4, user_id=?5, email=?6,"
          " plan=?7, egress=?8, fedramp=?9, enabled=?10, configured_by=?16, priority=?17, weight=?18,"
          " login_file=?21, tags=?22"));
  query->Bind(account.ref.str()).Bind(account.provider).Bind(account.label).Bind(account.provider_account_id);
  query->Bind(account.user_id).Bind(account.email).Bind(account.plan).Bind(account.egress);
  query->Bind(std::int64_t{account.fedramp}).Bind(std::int64_t{account.enabled});
  query->BindBlob(sealed.access).BindBlob(sealed.refresh).BindBlob(sealed.id);
  query->Bind(account.credential_version).Bind(account.created_at).Bind(account.configured_by);
  query->Bind(std::int64_t{account.priority}).Bind(std::int64_t{account.weight});
  query->Bind(account.token_expires_at).Bind(account.tokens_at).Bind(account.login_file);
  return query->Bind(JoinTags(account.tags)).Run();
}

Result<bool> PutTokens(sqlite::Database& database, const seal::Sealer& sealer, const StoredAccount& account,
                       std::int64_t expected) {
  const SealedTokens sealed(sealer, account);
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare("UPDATE accounts SET access_token=?3, refresh_token=?4, id_token=?5, credential_version=?6,"
                         " token_expires_at=?7, tokens_at=?8, provider_account_id=?9, user_id=?10, email=?11,"
                         " plan=?12, fedramp=?13 WHERE ref=?1 AND credential_version=?2"));
    query->Bind(account.ref.str()).Bind(expected);
    query->BindBlob(sealed.access).BindBlob(sealed.refresh).BindBlob(sealed.id).Bind(account.credential_version);
    query->Bind(account.token_expires_at).Bind(account.tokens_at).Bind(account.provider_account_id);
    query->Bind(account.user_id).Bind(account.email).Bind(account.plan);
    RETURN_IF_ERROR(query->Bind(std::int64_t{account.fedramp}).Run());
  }
  if (database.changes() == 0) return false;
  ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM refresh_claims WHERE account=?"));
  RETURN_IF_ERROR(query->Bind(account.ref.str()).Run());
  return true;
}

}  // namespace patchbay::accounts
