// Codex among the providers.
#pragma once

#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

inline constexpr Provider kCodexProvider{.name = "codex", .raw_responses = true, .sockets = true};

}  // namespace patchbay::accounts
