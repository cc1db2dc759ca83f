// Codex among the providers.
#pragma once

#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// It serves OpenAI's models: both names lead there.
inline constexpr std::string_view kCodexPrefixes[] = {"codex:", "openai:"};
inline constexpr std::string_view kCodexModelNames[] = {"gpt-", "codex-"};

inline constexpr Provider kCodexProvider{.name = "codex",
                                         .raw_responses = true,
                                         .sockets = true,
                                         .prefixes = kCodexPrefixes,
                                         .model_names = kCodexModelNames};

}  // namespace patchbay::accounts
