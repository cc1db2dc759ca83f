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

}  // namespace patchbay::accounts
