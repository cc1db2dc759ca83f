// The usage endpoint's answer (codex-wire §13), as facts. Pure.
#pragma once

#include <string_view>

#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {

// Whatever the body is, something comes back: an answer that cannot be read says nothing (http_status 0).
UsageAnswer ReadUsageReply(int status, std::string_view body, WallTime now);

}  // namespace patchbay::accounts
