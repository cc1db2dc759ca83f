#include "workers/accounts/service/convert_quota.h"

#include <chrono>

#include "lib/time/proto_time.h"
#include "workers/accounts/service/convert.h"

namespace patchbay::accounts {
namespace {

void WriteCredits(const CreditFacts& credits, inference::v1::Credits* out) {
  out->set_has_credits(credits.has);
  out->set_unlimited(credits.unlimited);
  out->set_balance(credits.balance);
}

void WriteLength(std::chrono::seconds length, google::protobuf::Duration* out) {
  SetDuration(std::chrono::milliseconds(length), out);
}

}  // namespace

QuotaFacts ToFacts(const inference::v1::RateLimits& limits) {
  QuotaFacts facts;
  facts.plan = limits.plan();
  facts.limit_reached = limits.limit_reached();
  facts.active_limit = limits.active_limit();
  for (const auto& window : limits.windows()) {
    WindowFacts fact;
    fact.name = window.name();
    fact.used_percent = window.used_percent();
    fact.length = std::chrono::duration_cast<std::chrono::seconds>(ToMilliseconds(window.length()));
    if (window.has_resets_at()) fact.resets_at = ToWallTime(window.resets_at());
    facts.windows.push_back(std::move(fact));
  }
  if (limits.has_credits()) {
    const auto& credits = limits.credits();
    facts.credits = CreditFacts{credits.has_credits(), credits.unlimited(), credits.balance()};
  }
  facts.limit_names.insert(limits.limit_names().begin(), limits.limit_names().end());
  return facts;
}

void WriteQuota(const Quota& quota, WallTime now, v1::Account* out) {
  for (const Window& window : quota.windows()) {
    auto* item = out->add_windows();
    item->set_name(window.family);
    item->set_used_percent(window.used_percent);
    WriteLength(window.length, item->mutable_length());
    if (window.resets_at) SetTimestamp(*window.resets_at, item->mutable_resets_at());
  }
  if (quota.state().credits) WriteCredits(*quota.state().credits, out->mutable_credits());
  if (quota.state().reset_credits) out->set_reset_credits(*quota.state().reset_credits);
  if (const auto seen = quota.seen_at()) SetTimestamp(*seen, out->mutable_quota_seen_at());
  if (const auto dry = DryAt(quota, now)) SetTimestamp(*dry, out->mutable_dry_at());
}

void WriteAccountQuota(const AccountView& view, v1::AccountQuota* out) {
  if (view.stored == nullptr || view.pooled == nullptr) return;
  out->set_account(view.stored->ref.str());
  out->set_label(view.stored->label);
  out->set_provider(view.stored->provider);
  out->set_plan(view.stored->plan);
  out->set_state(ToProto(view.pooled->state()));
  const Quota& quota = view.pooled->quota;
  for (const Window& window : quota.windows()) {
    auto* item = out->add_windows();
    item->set_limit(window.family);
    const auto name = quota.state().limit_names.find(window.family);
    if (name != quota.state().limit_names.end()) item->set_limit_name(name->second);
    WriteLength(window.length, item->mutable_length());
    item->set_used_percent(UsedOf(window, view.now));
    if (window.resets_at) SetTimestamp(*window.resets_at, item->mutable_resets_at());
    SetTimestamp(window.seen_at, item->mutable_seen_at());
    if (const auto rate = PercentPerHour(window, view.now)) item->set_percent_per_hour(*rate);
    if (const auto dry = window.is_rate() ? std::nullopt : DryAt(window, view.now)) {
      SetTimestamp(*dry, item->mutable_dry_at());
    }
  }
  if (quota.state().credits) WriteCredits(*quota.state().credits, out->mutable_credits());
  if (quota.state().reset_credits) out->set_reset_credits(*quota.state().reset_credits);
  if (const auto dry = DryAt(quota, view.now)) SetTimestamp(*dry, out->mutable_dry_at());
}

void WriteForecast(const Quotas::ProviderOutlook& told, v1::PoolForecast* out) {
  out->set_provider(told.provider);
  out->set_accounts(told.accounts);
  out->set_with_room(told.outlook.with_room);
  out->set_unknown(told.outlook.unknown);
  if (told.outlook.dry_at) SetTimestamp(*told.outlook.dry_at, out->mutable_dry_at());
  SetTimestamp(told.outlook.seen_until, out->mutable_seen_until());
  if (told.outlook.back_at) SetTimestamp(*told.outlook.back_at, out->mutable_back_at());
}

void WritePoint(const QuotaPoint& point, v1::QuotaPoint* out) {
  out->set_limit(point.family);
  WriteLength(point.length, out->mutable_length());
  SetTimestamp(point.at, out->mutable_at());
  out->set_used_percent(point.used_percent);
  if (point.resets_at) SetTimestamp(*point.resets_at, out->mutable_resets_at());
}

void WriteResetCredit(const ResetCredit& credit, v1::ResetCredit* out) {
  out->set_id(credit.id);
  out->set_status(credit.status);
  out->set_title(credit.title);
  out->set_usable(credit.usable);
  if (credit.expires_at) SetTimestamp(*credit.expires_at, out->mutable_expires_at());
}

void WritePools(const std::vector<PooledQuota>& pools, v1::PoolQuotas* out) {
  for (const PooledQuota& pool : pools) {
    auto* item = out->add_pools();
    item->set_provider(pool.provider);
    item->set_callers_account(pool.callers_account.str());
    item->set_plan(pool.plan);
    item->set_has_room(pool.has_room);
    for (const PooledQuota::Span& span : pool.windows) {
      auto* window = item->add_windows();
      window->set_name(span.family);
      window->set_used_percent(span.used_percent);
      WriteLength(span.length, window->mutable_length());
      if (span.resets_at) SetTimestamp(*span.resets_at, window->mutable_resets_at());
    }
    if (pool.credits) WriteCredits(*pool.credits, item->mutable_credits());
    for (const auto& [id, name] : pool.limit_names) (*item->mutable_limit_names())[id] = name;
    if (pool.back_at) SetTimestamp(*pool.back_at, item->mutable_back_at());
  }
}

}  // namespace patchbay::accounts
