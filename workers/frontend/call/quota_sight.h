// What a client is shown of quota, as its key says: in headers, in events, and when it asks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "patchbay/accounts/v1/quota.pb.h"

namespace patchbay::frontend {

struct QuotaSight {
  // The provider's own words about its account pass.
  bool passes = true;
  // Else ours; null: nothing is said.
  std::shared_ptr<const accounts::v1::PoolQuota> quota = nullptr;
};

// Of the quota of that provider.
using QuotaSightOf = std::function<QuotaSight(const std::string& provider)>;

}  // namespace patchbay::frontend
