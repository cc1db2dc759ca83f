#include "workers/accounts/usage/lost_call.h"

#include <chrono>
#include <utility>

namespace patchbay::accounts {

UsageRecord LostCall(const HeldLease& held, std::string why, WallTime now) {
  UsageRecord record;
  record.lease = held.lease;
  record.request = held.request;
  record.account = held.account;
  record.client_key = held.client_key;
  if (held.terms) {
    record.model = held.terms->model;
    record.service_tier = held.terms->service_tier;
    record.outside_budgets = !held.terms->fallback_model.empty();
  }
  record.provider = held.provider;
  record.wire_model = held.wire_model;
  record.outcome = kOutcomeLost;
  record.started_at = held.granted_at;
  record.total = std::chrono::duration_cast<std::chrono::milliseconds>(now - held.granted_at);
  record.attempts = held.attempts;
  record.failure = std::move(why);
  return record;
}

bool HasBlanks(const UsageRecord& record) {
  return record.client_key.empty() || record.model.empty() || record.started_at == WallTime{} || record.attempts == 0;
}

void FillBlanks(UsageRecord& record, const UsageRecord& known) {
  if (record.client_key.empty()) record.client_key = known.client_key;
  if (record.model.empty()) record.model = known.model;
  if (record.provider.empty()) record.provider = known.provider;
  if (record.wire_model.empty()) record.wire_model = known.wire_model;
  if (record.started_at == WallTime{}) {
    record.started_at = known.started_at;
    record.total = known.total;
  }
  if (record.attempts == 0) record.attempts = known.attempts;
  record.outside_budgets = record.outside_budgets || known.outside_budgets;
}

}  // namespace patchbay::accounts
