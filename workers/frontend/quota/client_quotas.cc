#include "workers/frontend/quota/client_quotas.h"

#include <algorithm>
#include <utility>

#include "workers/frontend/quota/own_quota.h"

namespace patchbay::frontend {

using accounts::v1::PoolQuota;

void ClientQuotas::SetDefaultView(std::string_view word) {
  default_view_ = word == "own"        ? accounts::v1::QUOTA_VIEW_OWN
                  : word == "upstream" ? accounts::v1::QUOTA_VIEW_UPSTREAM
                  : word == "none"     ? accounts::v1::QUOTA_VIEW_NONE
                                       : accounts::v1::QUOTA_VIEW_POOL;
}

void ClientQuotas::Put(accounts::v1::PoolQuotas pools) {
  pools_.clear();
  for (PoolQuota& pool : *pools.mutable_pools()) pools_.push_back(std::make_shared<const PoolQuota>(std::move(pool)));
}

void ClientQuotas::Learn(const std::string& key, const std::string& provider, const inference::v1::RateLimits& limits) {
  if (limits.windows().empty() && limits.plan().empty() && !limits.has_credits()) return;
  const auto known = told_.find(key);
  if (known == told_.end() && told_.size() >= kRememberedMax) return;
  PoolQuota told;
  told.set_provider(provider);
  told.set_plan(limits.plan());
  told.set_has_room(!limits.limit_reached());
  *told.mutable_windows() = limits.windows();
  if (limits.has_credits()) *told.mutable_credits() = limits.credits();
  *told.mutable_limit_names() = limits.limit_names();
  told_[key] = std::make_shared<const PoolQuota>(std::move(told));
}

accounts::v1::QuotaView ClientQuotas::ViewOf(const ClientKey& key) const {
  return key.quota_view == accounts::v1::QUOTA_VIEW_UNSPECIFIED ? default_view_ : key.quota_view;
}

std::shared_ptr<const PoolQuota> ClientQuotas::PoolOf(const std::string& provider) const {
  const auto found = std::find_if(pools_.begin(), pools_.end(), [&](const Shown& pool) {
    return provider.empty() ? !pool->windows().empty() || !pool->callers_account().empty()
                            : pool->provider() == provider;
  });
  if (found != pools_.end()) return *found;
  return provider.empty() && !pools_.empty() ? pools_.front() : nullptr;
}

QuotaSight ClientQuotas::SightOf(const ClientKey& key, const std::string& provider) const {
  const Shown pool = PoolOf(provider);
  // Of callers' own logins each has its own quota, and what the provider says is said to its owner.
  const bool callers = pool != nullptr && !pool->callers_account().empty();
  switch (ViewOf(key)) {
    case accounts::v1::QUOTA_VIEW_POOL: return {callers, callers ? nullptr : pool};
    case accounts::v1::QUOTA_VIEW_UPSTREAM: {
      const auto told = told_.find(key.id);
      return {true, told == told_.end() ? nullptr : told->second};
    }
    case accounts::v1::QUOTA_VIEW_OWN: return {false, OwnQuota(key, provider)};
    case accounts::v1::QUOTA_VIEW_NONE:
    default: return {false, nullptr};
  }
}

}  // namespace patchbay::frontend
