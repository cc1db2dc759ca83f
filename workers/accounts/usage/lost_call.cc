#include "workers/accounts/usage/lost_call.h"

#include <chrono>
#include <utility>

namespace patchbay::accounts {

UsageRecord LostCall(const LeaseLapsed& lapsed, std::string why, WallTime now) {
  UsageRecord record;
  record.lease = lapsed.lease;
  record.request = lapsed.request;
  record.account = lapsed.account;
  record.client_key = lapsed.client_key;
  if (lapsed.terms) {
    record.model = lapsed.terms->model;
    record.service_tier = lapsed.terms->service_tier;
  }
  record.provider = lapsed.provider;
  record.wire_model = lapsed.wire_model;
  record.outcome = kOutcomeLost;
  record.started_at = lapsed.granted_at;
  record.total = std::chrono::duration_cast<std::chrono::milliseconds>(now - lapsed.granted_at);
  record.attempts = lapsed.attempts;
  record.failure = std::move(why);
  return record;
}

}  // namespace patchbay::accounts
