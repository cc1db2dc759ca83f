// Usage as the store has it, for those that only read: as of the last commit, and each answer as of one.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

class StoredUsage {
 public:
  virtual ~StoredUsage() = default;
  virtual Result<UsagePage> ListUsage(int limit, const std::string& request_id, const UsageFilter& filter) = 0;
  virtual Result<UsageSums> SumUsage(const UsageQuestion& question) = 0;
};

}  // namespace patchbay::accounts
