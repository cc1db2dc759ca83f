#include "workers/accounts/store/claim_table.h"

namespace patchbay::accounts {
namespace {

// By so much the clocks of those who share a store may differ.
constexpr std::chrono::minutes kClocksDiffer{1};

RefreshClaim ReadClaim(const sqlite::Query& query) {
  return {AccountId(query.Text(0)), query.Integer(1), query.Text(2), query.Time(3), query.Time(4), query.MaybeTime(5)};
}

}  // namespace

Result<ClaimAnswer> ClaimRefresh(sqlite::Database& database, const RefreshClaim& wish) {
  ClaimAnswer answer{ClaimAnswer::Kind::kOurs, wish};
  answer.claim.shown_at.reset();
  // One transaction, which locks the others out from its beginning: two cannot both read that nobody has it.
  const Result<void> done = database.InTransaction([&]() -> Result<void> {
    {
      ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT credential_version FROM accounts WHERE ref=?"));
      query->Bind(wish.account.str());
      ASSIGN_OR_RETURN(const bool row, query->Step());
      if (!row) {
        answer.kind = ClaimAnswer::Kind::kNoAccount;
        return {};
      }
      if (query->Integer(0) != wish.credential_version) {
        answer.kind = ClaimAnswer::Kind::kOtherTokens;
        return {};
      }
    }
    {
      ASSIGN_OR_RETURN(auto query,
                       database.Prepare("SELECT account, credential_version, owner, claimed_at, expires_at, shown_at"
                                        " FROM refresh_claims WHERE account=?"));
      query->Bind(wish.account.str());
      ASSIGN_OR_RETURN(const bool row, query->Step());
      if (row) {
        RefreshClaim standing = ReadClaim(*query);
        const bool in_force =
            standing.claimed_at <= wish.claimed_at + kClocksDiffer && wish.claimed_at < standing.expires_at;
        if (standing.credential_version == wish.credential_version) answer.claim.shown_at = standing.shown_at;
        if (in_force && standing.owner != wish.owner && standing.credential_version == wish.credential_version) {
          answer.kind = ClaimAnswer::Kind::kHeld;
          answer.claim = std::move(standing);
          return {};
        }
      }
    }
    ASSIGN_OR_RETURN(auto query,
                     database.Prepare("INSERT OR REPLACE INTO refresh_claims(account, credential_version, owner,"
                                      " claimed_at, expires_at, shown_at) VALUES (?, ?, ?, ?, ?, ?)"));
    query->Bind(wish.account.str()).Bind(wish.credential_version).Bind(wish.owner);
    return query->Bind(wish.claimed_at).Bind(wish.expires_at).Bind(answer.claim.shown_at).Run();
  });
  if (!done.ok()) return done.error();
  return answer;
}

Result<bool> NoteShown(sqlite::Database& database, const AccountId& account, const std::string& owner, WallTime at) {
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("UPDATE refresh_claims SET shown_at=COALESCE(shown_at, ?3) WHERE account=?1 AND owner=?2"));
  RETURN_IF_ERROR(query->Bind(account.str()).Bind(owner).Bind(at).Run());
  return database.changes() > 0;
}

Result<void> EndClaim(sqlite::Database& database, const AccountId& account, const std::string& owner,
                      std::optional<WallTime> shown_at) {
  if (!shown_at) {
    ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM refresh_claims WHERE account=? AND owner=?"));
    return query->Bind(account.str()).Bind(owner).Run();
  }
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("UPDATE refresh_claims SET shown_at=?3, expires_at=claimed_at WHERE account=?1 AND owner=?2"));
  return query->Bind(account.str()).Bind(owner).Bind(*shown_at).Run();
}

Result<std::vector<RefreshClaim>> LoadClaims(sqlite::Database& database) {
  std::vector<RefreshClaim> claims;
  ASSIGN_OR_RETURN(auto query,
                   database.Prepare("SELECT account, credential_version, owner, claimed_at, expires_at, shown_at"
                                    " FROM refresh_claims ORDER BY account"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return claims;
    claims.push_back(ReadClaim(*query));
  }
}

}  // namespace patchbay::accounts
