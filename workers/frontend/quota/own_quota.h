// A key's budgets as windows of quota, for clients that are shown their own. Pure.
#pragma once

#include <memory>
#include <string>

#include "patchbay/accounts/v1/quota.pb.h"
#include "workers/frontend/http/client_auth.h"

namespace patchbay::frontend {

// Of each period the budget that is used up most. Null where the key has none, or none has been told of yet.
std::shared_ptr<const accounts::v1::PoolQuota> OwnQuota(const ClientKey& key, const std::string& provider);

}  // namespace patchbay::frontend
