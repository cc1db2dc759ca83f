#include "workers/accounts/service/events.h"

#include "lib/time/proto_time.h"

namespace patchbay::accounts {

events::v1::Event ToEvent(const Happened& what, const Core& core, WallTime now) {
  events::v1::Event event;
  event.set_kind(what.kind);
  SetTimestamp(now, event.mutable_at());
  event.set_provider(what.provider);
  if (!what.account.empty()) {
    event.set_account(what.account.str());
    if (const StoredAccount* account = core.accounts().Find(what.account)) {
      event.set_account_label(account->label);
      event.set_provider(account->provider);
    }
  }
  const StoredClientKey* key = what.client_key.empty() ? nullptr : core.keys().Find(what.client_key.str());
  event.set_client_key(key == nullptr || key->name.empty() ? what.client_key.str() : key->name);
  event.set_part(what.part);
  event.set_evidence(what.evidence);
  if (what.until) SetTimestamp(*what.until, event.mutable_until());
  event.set_request_id(what.request.str());
  event.set_threshold(what.threshold);
  return event;
}

}  // namespace patchbay::accounts
