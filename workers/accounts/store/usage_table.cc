#include "workers/accounts/store/usage_table.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>

#include "workers/accounts/store/usage_sums.h"

namespace patchbay::accounts {
namespace {

// What a settlement says beside whose it is, in the order of Bind and of the statements below.
void Bind(sqlite::Query& query, const UsageRecord& usage) {
  query.Bind(usage.model).Bind(usage.provider).Bind(usage.wire_model).Bind(usage.served_model).Bind(usage.service_tier);
  query.Bind(usage.served_tier).Bind(usage.dialect).Bind(std::int64_t{usage.outcome}).Bind(usage.input_tokens);
  query.Bind(usage.cached_input_tokens).Bind(usage.cache_write_tokens).Bind(usage.output_tokens);
  query.Bind(usage.reasoning_tokens).Bind(std::int64_t{usage.usage_estimated ? 1 : 0});
  usage.cost_nano_dollars ? query.Bind(*usage.cost_nano_dollars) : query.BindNull();
  query.Bind(std::int64_t{usage.subscription ? 1 : 0}).Bind(usage.started_at).Bind(usage.first_output);
  query.Bind(std::int64_t{usage.total.count()}).Bind(std::int64_t{usage.attempts}).Bind(usage.failure);
}

enum class Rows { kOfLease, kOfRequest, kAll };

// Apart, since each has an index of its own. Statements are known by their address, so each is made once.
const char* StatementFor(Rows rows) {
  static const std::string kRow =
      "SELECT lease_id, request_id, account, client_key_id, model, provider, wire_model, served_model, service_tier,"
      " served_tier, dialect, outcome, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,"
      " reasoning_tokens, usage_estimated, cost_nano, subscription, started_at, first_output_ms, total_ms, attempts,"
      " failure FROM usage WHERE ";
  static const std::string kFiltered =
      "started_at>=?2 AND started_at<?3 AND (?4='' OR client_key_id=?4) AND (?5='' OR account=?5)"
      " AND (?6='' OR provider=?6) AND (?7='' OR wire_model=?7) ORDER BY started_at DESC, position DESC LIMIT ?8";
  static const std::array<std::string, 3> kStatements = {kRow + "lease_id=?1", kRow + "request_id=?1 AND " + kFiltered,
                                                         kRow + "?1='' AND " + kFiltered};
  return kStatements.at(static_cast<std::size_t>(rows)).c_str();
}

UsageRecord RowOf(const sqlite::Query& query) {
  UsageRecord usage;
  usage.lease = LeaseId(query.Text(0));
  usage.request = RequestId(query.Text(1));
  usage.account = AccountId(query.Text(2));
  usage.client_key = ClientKeyId(query.Text(3));
  usage.model = query.Text(4);
  usage.provider = query.Text(5);
  usage.wire_model = query.Text(6);
  usage.served_model = query.Text(7);
  usage.service_tier = query.Text(8);
  usage.served_tier = query.Text(9);
  usage.dialect = query.Text(10);
  usage.outcome = static_cast<int>(query.Integer(11));
  usage.input_tokens = query.Integer(12);
  usage.cached_input_tokens = query.Integer(13);
  usage.cache_write_tokens = query.Integer(14);
  usage.output_tokens = query.Integer(15);
  usage.reasoning_tokens = query.Integer(16);
  usage.usage_estimated = query.Integer(17) != 0;
  if (!query.IsNull(18)) usage.cost_nano_dollars = query.Integer(18);
  usage.subscription = query.Integer(19) != 0;
  usage.started_at = query.Time(20);
  if (!query.IsNull(21)) usage.first_output = std::chrono::milliseconds(query.Integer(21));
  usage.total = std::chrono::milliseconds(query.Integer(22));
  usage.attempts = static_cast<int>(query.Integer(23));
  usage.failure = query.Text(24);
  return usage;
}

// False: there is a row of this lease already.
Result<bool> AddRow(sqlite::Database& database, const UsageRecord& usage) {
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("INSERT OR IGNORE INTO usage(lease_id, request_id, account, client_key_id, model, provider,"
                       " wire_model, served_model, service_tier, served_tier, dialect, outcome, input_tokens,"
                       " cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_estimated,"
                       " cost_nano, subscription, started_at, first_output_ms, total_ms, attempts, failure)"
                       " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  query->Bind(usage.lease.str()).Bind(usage.request.str()).Bind(usage.account.str()).Bind(usage.client_key.str());
  Bind(*query, usage);
  RETURN_IF_ERROR(query->Run());
  return database.changes() > 0;
}

Result<std::optional<UsageRecord>> FindRow(sqlite::Database& database, const LeaseId& lease) {
  ASSIGN_OR_RETURN(auto query, database.Prepare(StatementFor(Rows::kOfLease)));
  query->Bind(lease.str());
  ASSIGN_OR_RETURN(const bool row, query->Step());
  return row ? std::optional(RowOf(*query)) : std::nullopt;
}

// A call that was given up for lost has been settled after all. What the settlement does not tell stays.
Result<RowAdded> FillInLost(sqlite::Database& database, const UsageRecord& usage, SumChanges& sums) {
  ASSIGN_OR_RETURN(const auto lost, FindRow(database, usage.lease));
  if (!lost || lost->outcome != kOutcomeLost) return RowAdded::kKnown;
  sums.Take(*lost);
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare("UPDATE usage SET model=IFNULL(NULLIF(?,''),model), provider=IFNULL(NULLIF(?,''),provider),"
                         " wire_model=IFNULL(NULLIF(?,''),wire_model), served_model=?, service_tier=?, served_tier=?,"
                         " dialect=?, outcome=?, input_tokens=?, cached_input_tokens=?, cache_write_tokens=?,"
                         " output_tokens=?, reasoning_tokens=?, usage_estimated=?, cost_nano=?, subscription=?,"
                         " started_at=IFNULL(NULLIF(?,0),started_at), first_output_ms=?,"
                         " total_ms=IFNULL(NULLIF(?,0),total_ms), attempts=IFNULL(NULLIF(?,0),attempts), failure=?"
                         " WHERE lease_id=?"));
    Bind(*query, usage);
    RETURN_IF_ERROR(query->Bind(usage.lease.str()).Run());
  }
  ASSIGN_OR_RETURN(auto settled, FindRow(database, usage.lease));
  settled->long_context = usage.long_context;
  settled->week_started_at = usage.week_started_at;
  settled->outside_budgets = usage.outside_budgets;
  sums.Add(*settled);
  return RowAdded::kFilledIn;
}

struct Served {
  std::int64_t requests = 0;
  WallTime last{};
};

Result<void> CountRequests(sqlite::Database& database, const std::map<AccountId, Served>& accounts) {
  for (const auto& [account, served] : accounts) {
    ASSIGN_OR_RETURN(auto query,
                     database.Prepare("INSERT INTO account_counters(account, requests_total, last_used_at)"
                                      " SELECT ref, ?2, ?3 FROM accounts WHERE ref=?1"
                                      " ON CONFLICT(account) DO UPDATE SET requests_total=requests_total+?2,"
                                      " last_used_at=MAX(COALESCE(last_used_at,0), ?3)"));
    RETURN_IF_ERROR(query->Bind(account.str()).Bind(served.requests).Bind(served.last).Run());
  }
  return {};
}

Result<std::int64_t> CountRows(sqlite::Database& database) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT COUNT(*) FROM usage"));
  ASSIGN_OR_RETURN(const bool row, query->Step());
  return row ? query->Integer(0) : 0;
}

// At most `limit` of the oldest that began before that time. How many went.
Result<std::int64_t> ForgetRows(sqlite::Database& database, WallTime before, std::int64_t limit) {
  if (limit <= 0) return std::int64_t{0};
  std::int64_t count = 0;
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare(
            "INSERT INTO meta(name, value) SELECT 'usage_forgotten_until', MAX(started_at) FROM (SELECT started_at"
            " FROM usage WHERE started_at<? ORDER BY started_at, position LIMIT ?) HAVING COUNT(*)>0"
            " ON CONFLICT(name) DO UPDATE SET value=MAX(value, excluded.value)"));
    RETURN_IF_ERROR(query->Bind(before).Bind(limit).Run());
  }
  {
    ASSIGN_OR_RETURN(auto query, database.Prepare("DELETE FROM usage WHERE position IN (SELECT position FROM usage"
                                                  " WHERE started_at<? ORDER BY started_at, position LIMIT ?)"));
    RETURN_IF_ERROR(query->Bind(before).Bind(limit).Run());
    count = database.changes();
  }
  return count;
}

// The oldest hour, when it began before that time: an hour is as many sums as there were keys, accounts and models in
// it.
Result<bool> ForgetAnHour(sqlite::Database& database, WallTime before) {
  ASSIGN_OR_RETURN(auto query,
                   database.Prepare("DELETE FROM usage_hours WHERE hour = (SELECT MIN(hour) FROM usage_hours)"
                                    " AND hour < ?"));
  RETURN_IF_ERROR(query->Bind(std::chrono::floor<std::chrono::hours>(before).time_since_epoch().count()).Run());
  return database.changes() > 0;
}

Result<void> ForgetWeeks(sqlite::Database& database, WallTime before) {
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("DELETE FROM usage_weeks WHERE week_started_at > 0 AND week_started_at + 604800000 < ?"));
  return query->Bind(before).Run();
}

}  // namespace

Result<std::vector<RowAdded>> AddUsage(sqlite::Database& database, const std::vector<UsageRecord>& usages) {
  std::vector<RowAdded> added;
  SumChanges sums;
  std::map<AccountId, Served> accounts;
  for (const UsageRecord& usage : usages) {
    ASSIGN_OR_RETURN(const bool is_new, AddRow(database, usage));
    added.push_back(is_new ? RowAdded::kNew : RowAdded::kKnown);
    if (is_new) {
      sums.Add(usage);
      Served& served = accounts[usage.account];
      ++served.requests;
      served.last = std::max(served.last, usage.started_at);
    } else if (usage.outcome != kOutcomeLost) {
      ASSIGN_OR_RETURN(added.back(), FillInLost(database, usage, sums));
    }
  }
  RETURN_IF_ERROR(CountRequests(database, accounts));
  RETURN_IF_ERROR(sums.Write(database));
  return added;
}

Result<UsagePage> ListUsage(sqlite::Database& database, int limit, const std::string& request_id,
                            const UsageFilter& filter) {
  UsagePage page;
  ASSIGN_OR_RETURN(page.total_rows, CountRows(database));
  ASSIGN_OR_RETURN(auto query, database.Prepare(StatementFor(request_id.empty() ? Rows::kAll : Rows::kOfRequest)));
  query->Bind(request_id);
  query->Bind(filter.since.value_or(WallTime::min())).Bind(filter.until.value_or(WallTime::max()));
  query->Bind(filter.client_key).Bind(filter.account).Bind(filter.provider).Bind(filter.wire_model);
  query->Bind(std::int64_t{limit});
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return page;
    page.rows.push_back(RowOf(*query));
  }
}

Result<bool> ForgetUsage(sqlite::Database& database, const UsageRetention& retention) {
  ASSIGN_OR_RETURN(std::int64_t gone, ForgetRows(database, retention.requests_before, retention.step));
  if (gone < retention.step) {
    ASSIGN_OR_RETURN(const std::int64_t rows, CountRows(database));
    const std::int64_t excess = std::min<std::int64_t>(rows - retention.requests_max, retention.step - gone);
    ASSIGN_OR_RETURN(const std::int64_t more, ForgetRows(database, WallTime::max(), excess));
    gone += more;
  }
  ASSIGN_OR_RETURN(const bool hour, ForgetAnHour(database, retention.hours_before));
  RETURN_IF_ERROR(ForgetWeeks(database, retention.hours_before));
  RETURN_IF_ERROR(ForgetKeyDays(database));
  return hour || gone >= retention.step;
}

Result<WallTime> ForgottenUntil(sqlite::Database& database) {
  ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT value FROM meta WHERE name='usage_forgotten_until'"));
  ASSIGN_OR_RETURN(const bool row, query->Step());
  return row ? query->Time(0) : WallTime::min();
}

}  // namespace patchbay::accounts
