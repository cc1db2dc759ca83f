// The headers in which Claude Code reads what is left of its windows of five hours and seven days. Pure.
#pragma once

#include <cstdint>

#include "workers/frontend/call/call.h"
#include "workers/frontend/call/quota_numbers.h"

namespace patchbay::frontend::anthropic {

// Nothing for a pool of which no such window is known. `now` in seconds since the epoch.
HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now);

}  // namespace patchbay::frontend::anthropic
