#include "workers/accounts/store/usage_table.h"

#include <chrono>
#include <utility>

namespace patchbay::accounts {
namespace {

// What a settlement says beside whose it is, in the order of Bind and of the statements below.
void Bind(sqlite::Query& query, const UsageRecord& usage) {
  query.Bind(usage.model).Bind(usage.provider).Bind(usage.wire_model).Bind(usage.served_model).Bind(usage.service_tier);
  query.Bind(usage.dialect).Bind(std::int64_t{usage.outcome}).Bind(usage.input_tokens).Bind(usage.cached_input_tokens);
  query.Bind(usage.cache_write_tokens).Bind(usage.output_tokens).Bind(usage.reasoning_tokens);
  query.Bind(std::int64_t{usage.usage_estimated ? 1 : 0}).Bind(usage.started_at).Bind(usage.first_output);
  query.Bind(std::int64_t{usage.total.count()}).Bind(std::int64_t{usage.attempts}).Bind(usage.failure);
}

// A call that was given up for lost has been settled after all. What the settlement does not tell stays.
Result<void> FillInLost(sqlite::Database& database, const UsageRecord& usage) {
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("UPDATE usage SET model=IFNULL(NULLIF(?,''),model), provider=IFNULL(NULLIF(?,''),provider),"
                       " wire_model=IFNULL(NULLIF(?,''),wire_model), served_model=?, service_tier=?, dialect=?,"
                       " outcome=?, input_tokens=?, cached_input_tokens=?, cache_write_tokens=?, output_tokens=?,"
                       " reasoning_tokens=?, usage_estimated=?,"
                       " started_at=IFNULL(NULLIF(?,0),started_at), first_output_ms=?,"
                       " total_ms=IFNULL(NULLIF(?,0),total_ms), attempts=IFNULL(NULLIF(?,0),attempts), failure=?"
                       " WHERE lease_id=? AND outcome=?"));
  Bind(*query, usage);
  return query->Bind(usage.lease.str()).Bind(std::int64_t{kOutcomeLost}).Run();
}

}  // namespace

Result<bool> AddUsage(sqlite::Database& database, const UsageRecord& usage) {
  {
    ASSIGN_OR_RETURN(
        auto query,
        database.Prepare("INSERT OR IGNORE INTO usage(lease_id, request_id, account, client_key_id, model, provider,"
                         " wire_model, served_model, service_tier, dialect, outcome, input_tokens,"
                         " cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_estimated,"
                         " started_at, first_output_ms, total_ms, attempts, failure)"
                         " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
    query->Bind(usage.lease.str()).Bind(usage.request.str()).Bind(usage.account.str()).Bind(usage.client_key.str());
    Bind(*query, usage);
    RETURN_IF_ERROR(query->Run());
  }
  if (database.changes() == 0) {
    if (usage.outcome != kOutcomeLost) RETURN_IF_ERROR(FillInLost(database, usage));
    return false;
  }
  ASSIGN_OR_RETURN(auto query, database.Prepare("INSERT INTO account_counters(account, requests_total, last_used_at)"
                                                " SELECT ref, 1, ?2 FROM accounts WHERE ref=?1"
                                                " ON CONFLICT(account) DO UPDATE SET requests_total=requests_total+1,"
                                                " last_used_at=MAX(COALESCE(last_used_at,0), ?2)"));
  RETURN_IF_ERROR(query->Bind(usage.account.str()).Bind(usage.started_at).Run());
  return true;
}

Result<UsagePage> ListUsage(sqlite::Database& database, int limit, const std::string& request_id) {
  UsagePage page;
  {
    ASSIGN_OR_RETURN(auto query, database.Prepare("SELECT COUNT(*) FROM usage"));
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (row) page.total_rows = query->Integer(0);
  }
  ASSIGN_OR_RETURN(
      auto query,
      database.Prepare("SELECT lease_id, request_id, account, client_key_id, model, provider, wire_model, served_model,"
                       " service_tier, dialect, outcome, input_tokens, cached_input_tokens, cache_write_tokens,"
                       " output_tokens, reasoning_tokens, usage_estimated, started_at, first_output_ms, total_ms,"
                       " attempts, failure"
                       " FROM usage WHERE ?1 = '' OR request_id = ?1 ORDER BY position DESC LIMIT ?2"));
  query->Bind(request_id).Bind(std::int64_t{limit});
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, query->Step());
    if (!row) return page;
    UsageRecord usage;
    usage.lease = LeaseId(query->Text(0));
    usage.request = RequestId(query->Text(1));
    usage.account = AccountId(query->Text(2));
    usage.client_key = ClientKeyId(query->Text(3));
    usage.model = query->Text(4);
    usage.provider = query->Text(5);
    usage.wire_model = query->Text(6);
    usage.served_model = query->Text(7);
    usage.service_tier = query->Text(8);
    usage.dialect = query->Text(9);
    usage.outcome = static_cast<int>(query->Integer(10));
    usage.input_tokens = query->Integer(11);
    usage.cached_input_tokens = query->Integer(12);
    usage.cache_write_tokens = query->Integer(13);
    usage.output_tokens = query->Integer(14);
    usage.reasoning_tokens = query->Integer(15);
    usage.usage_estimated = query->Integer(16) != 0;
    usage.started_at = query->Time(17);
    if (!query->IsNull(18)) usage.first_output = std::chrono::milliseconds(query->Integer(18));
    usage.total = std::chrono::milliseconds(query->Integer(19));
    usage.attempts = static_cast<int>(query->Integer(20));
    usage.failure = query->Text(21);
    page.rows.push_back(std::move(usage));
  }
}

}  // namespace patchbay::accounts
