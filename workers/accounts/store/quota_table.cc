#include "workers/accounts/store/quota_table.h"

#include <algorithm>

#include "lib/base/number.h"

namespace patchbay::accounts {
namespace {

constexpr std::string_view kCredits = "credits", kResetCredits = "reset_credits", kLimit = "limit:";

// "has unlimited balance", as in "1 0 12.50".
std::string TextOf(const CreditFacts& credits) {
  return std::string(credits.has ? "1" : "0") + (credits.unlimited ? " 1 " : " 0 ") + credits.balance;
}

CreditFacts CreditsOf(const std::string& text) {
  if (text.size() < 4) return {};
  return {text[0] == '1', text[2] == '1', text.substr(4)};
}

void TakeExtra(const std::string& name, std::string value, QuotaState& quota) {
  if (name == kCredits) {
    quota.credits = CreditsOf(value);
  } else if (name == kResetCredits) {
    quota.reset_credits = ParseNumber<int>(value);
  } else if (name.starts_with(kLimit)) {
    quota.limit_names[name.substr(kLimit.size())] = std::move(value);
  }
}

Result<void> Forget(sqlite::Database& database, const char* sql, const AccountId& account) {
  ASSIGN_OR_RETURN(auto query, database.Prepare(sql));
  return query->Bind(account.str()).Run();
}

// An account that was removed meanwhile has nothing to keep.
Result<void> PutExtra(sqlite::Database& database, const AccountId& account, std::string_view name,
                      std::string_view value) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("INSERT INTO quota_extras(account, name, value)"
                                                " SELECT ref, ?2, ?3 FROM accounts WHERE ref=?1"));
  return query->Bind(account.str()).Bind(name).Bind(value).Run();
}

}  // namespace

Result<void> LoadQuota(sqlite::Database& database, const AccountId& ref,
                       const std::function<QuotaState*(const std::string& account)>& place) {
  ASSIGN_OR_RETURN(auto windows, database.Prepare("SELECT account, family, length_s, used_percent, resets_at, seen_at,"
                                                  " spent_lately, watched_since FROM quota_windows"
                                                  " WHERE ?1 = '' OR account = ?1"));
  windows->Bind(ref.str());
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, windows->Step());
    if (!row) break;
    QuotaState* quota = place(windows->Text(0));
    if (quota == nullptr) continue;
    Window window{windows->Text(1), std::chrono::seconds(windows->Integer(2)),
                  windows->Real(3), windows->MaybeTime(4),
                  windows->Time(5), windows->Real(6),
                  windows->Time(7)};
    window.warned_at = static_cast<int>(window.used_percent);  // what was said before a restart is not said again
    quota->windows.push_back(std::move(window));
  }
  ASSIGN_OR_RETURN(auto extras,
                   database.Prepare("SELECT account, name, value FROM quota_extras WHERE ?1 = '' OR account = ?1"));
  extras->Bind(ref.str());
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, extras->Step());
    if (!row) return {};
    if (QuotaState* quota = place(extras->Text(0))) TakeExtra(extras->Text(1), extras->Text(2), *quota);
  }
}

Result<void> PutQuota(sqlite::Database& database, const AccountId& account, const QuotaState& quota) {
  RETURN_IF_ERROR(Forget(database, "DELETE FROM quota_windows WHERE account=?", account));
  RETURN_IF_ERROR(Forget(database, "DELETE FROM quota_extras WHERE account=?", account));
  for (const Window& window : quota.windows) {
    ASSIGN_OR_RETURN(auto query,
                     database.Prepare("INSERT INTO quota_windows(account, family, length_s, used_percent, resets_at,"
                                      " seen_at, spent_lately, watched_since)"
                                      " SELECT ref, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM accounts WHERE ref=?1"));
    query->Bind(account.str()).Bind(window.family).Bind(static_cast<std::int64_t>(window.length.count()));
    query->Bind(window.used_percent).Bind(window.resets_at).Bind(window.seen_at).Bind(window.spent_lately);
    RETURN_IF_ERROR(query->Bind(window.watched_since).Run());
  }
  if (quota.credits) RETURN_IF_ERROR(PutExtra(database, account, kCredits, TextOf(*quota.credits)));
  if (quota.reset_credits) {
    RETURN_IF_ERROR(PutExtra(database, account, kResetCredits, std::to_string(*quota.reset_credits)));
  }
  for (const auto& [id, name] : quota.limit_names) {
    RETURN_IF_ERROR(PutExtra(database, account, std::string(kLimit) + id, name));
  }
  return {};
}

Result<void> AddQuotaPoints(sqlite::Database& database, const AccountId& account,
                            const std::vector<QuotaPoint>& points) {
  for (const QuotaPoint& point : points) {
    ASSIGN_OR_RETURN(auto query,
                     database.Prepare("INSERT INTO quota_points(account, family, length_s, at, used_percent, resets_at)"
                                      " SELECT ref, ?2, ?3, ?4, ?5, ?6 FROM accounts WHERE ref=?1"
                                      " ON CONFLICT(account, at, family, length_s)"
                                      " DO UPDATE SET used_percent=?5, resets_at=?6"));
    query->Bind(account.str()).Bind(point.family).Bind(static_cast<std::int64_t>(point.length.count())).Bind(point.at);
    RETURN_IF_ERROR(query->Bind(point.used_percent).Bind(point.resets_at).Run());
  }
  return {};
}

Result<QuotaPoints> ListQuotaPoints(sqlite::Database& database, const AccountId& account, WallTime since, int limit) {
  QuotaPoints list;
  ASSIGN_OR_RETURN(auto query,
                   database.Prepare("SELECT family, length_s, used_percent, resets_at, at FROM quota_points"
                                    " WHERE account=? AND at>=? ORDER BY at DESC, family, length_s LIMIT ?"));
  query->Bind(account.str()).Bind(since).Bind(std::int64_t{limit} + 1);
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) break;
    list.points.push_back(
        {query->Text(0), std::chrono::seconds(query->Integer(1)), query->Real(2), query->MaybeTime(3), query->Time(4)});
  }
  list.cut = list.points.size() > static_cast<std::size_t>(limit);
  if (list.cut) list.points.pop_back();
  std::reverse(list.points.begin(), list.points.end());
  return list;
}

Result<void> TrimQuotaPoints(sqlite::Database& database, WallTime before, std::int64_t rows_max) {
  {
    ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM quota_points WHERE at < ?"));
    RETURN_IF_ERROR(query->Bind(before).Run());
  }
  ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM quota_points WHERE position <= ("
                                                "SELECT position FROM quota_points ORDER BY position DESC"
                                                " LIMIT 1 OFFSET ?)"));
  return query->Bind(rows_max).Run();
}

}  // namespace patchbay::accounts
