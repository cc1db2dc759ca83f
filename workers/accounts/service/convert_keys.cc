#include "workers/accounts/service/convert_keys.h"

#include "lib/time/proto_time.h"

namespace patchbay::accounts {

KeyWish ToWish(const v1::CreateClientKeyRequest& request) {
  KeyWish wish;
  wish.name = request.name();
  wish.quota_view = request.quota_view();
  wish.terms = request.terms();
  if (request.has_expires_at()) wish.expires_at = ToWallTime(request.expires_at());
  return wish;
}

KeyEdit ToEdit(const v1::UpdateClientKeyRequest& request) {
  KeyEdit edit;
  edit.name = request.name();
  if (request.has_quota_view()) edit.quota_view = request.quota_view();
  edit.terms = request.terms();
  edit.terms_changed.assign(request.terms_mask().paths().begin(), request.terms_mask().paths().end());
  if (request.has_expires_at()) edit.expires_at = ToWallTime(request.expires_at());
  return edit;
}

void WriteStanding(const KeyLimits::Standing& standing, std::size_t waiting, v1::KeyStanding* out) {
  out->set_requests_this_minute(static_cast<std::int32_t>(standing.requests_this_minute));
  out->set_tokens_this_minute(standing.tokens_this_minute);
  out->set_open(standing.open);
  out->set_waiting(static_cast<std::int32_t>(waiting));
  for (const auto& of : standing.budgets) {
    v1::BudgetStanding& budget = *out->add_budgets();
    *budget.mutable_budget() = of.budget;
    budget.set_used(of.used);
    budget.set_reserved(of.reserved);
    SetTimestamp(of.resets_at, budget.mutable_resets_at());
  }
}

void WriteClientKey(const KeyView& view, v1::ClientKey* out) {
  const StoredClientKey& key = view.key;
  out->set_id(key.id.str());
  out->set_name(key.name);
  out->set_hint(key.hint);
  SetTimestamp(key.created_at, out->mutable_created_at());
  if (key.revoked_at) SetTimestamp(*key.revoked_at, out->mutable_revoked_at());
  out->set_quota_view(static_cast<v1::QuotaView>(key.quota_view));
  *out->mutable_terms() = key.terms;
  if (key.expires_at) SetTimestamp(*key.expires_at, out->mutable_expires_at());
  if (key.rotated_at) SetTimestamp(*key.rotated_at, out->mutable_rotated_at());
  if (view.old_secret_until) SetTimestamp(*view.old_secret_until, out->mutable_old_secret_until());
  out->set_configured(key.configured);
  WriteStanding(view.standing, view.waiting, out->mutable_standing());
}

}  // namespace patchbay::accounts
