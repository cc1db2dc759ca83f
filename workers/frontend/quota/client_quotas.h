// What clients are shown of quota: the pools as accounts tells them, what providers said to each key last, and whose
// view a key has. Everything that shows quota asks here, so that no two places differ.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "patchbay/accounts/v1/quota.pb.h"
#include "workers/frontend/call/quota_sight.h"
#include "workers/frontend/http/client_auth.h"

namespace patchbay::frontend {

class ClientQuotas {
 public:
  // Of how many keys it is remembered what they were told; further ones are told nothing until they call again.
  static constexpr std::size_t kRememberedMax = 10'000;

  // For keys that say nothing themselves: a word of accounts.quota.view.
  void SetDefaultView(std::string_view word);
  // What accounts has told.
  void Put(accounts::v1::PoolQuotas pools);
  // What a provider said of the account that served the key.
  void Learn(const std::string& key, const std::string& provider, const inference::v1::RateLimits& limits);

  accounts::v1::QuotaView ViewOf(const ClientKey& key) const;
  // `provider` empty: the one that quota is asked of when nobody names one.
  QuotaSight SightOf(const ClientKey& key, const std::string& provider) const;
  // Null while accounts has told of none.
  std::shared_ptr<const accounts::v1::PoolQuota> PoolOf(const std::string& provider) const;

 private:
  using Shown = std::shared_ptr<const accounts::v1::PoolQuota>;
  accounts::v1::QuotaView default_view_ = accounts::v1::QUOTA_VIEW_POOL;
  std::vector<Shown> pools_;
  std::unordered_map<std::string, Shown> told_;  // by key: what upstream said last
};

}  // namespace patchbay::frontend
