// What the holder of a key is told of it (GET /v1/usage). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "patchbay/accounts/v1/quota.pb.h"
#include "workers/frontend/http/client_auth.h"

namespace patchbay::frontend {

// `pool` null: nothing is known, or the view does not show it. `now` in seconds since the epoch.
std::string KeyUsageJson(const ClientKey& key, accounts::v1::QuotaView view, const accounts::v1::PoolQuota* pool,
                         std::int64_t now);

}  // namespace patchbay::frontend
