// Logins with GitHub for Copilot (providers §3): GitHub's token of the login lives long and is not renewed; shown to
// Copilot, it gives a token of minutes, which calls show. Pure.
#pragma once

#include "workers/accounts/providers/login.h"
#include "workers/accounts/providers/standard/login.h"

namespace patchbay::accounts {

// Of the token of minutes, "tid=…;exp=1790000000;sku=…:…": when it ends.
Result<TokenClaims> ReadCopilotClaims(std::string_view token);
// What Copilot answers to a login that is shown.
RefreshReply ReadCopilotSession(int status, std::string_view body);

inline constexpr Login kCopilotLogin{.read_claims = ReadCopilotClaims,
                                     .is_opaque = SaysNothing,
                                     .read_refresh = ReadCopilotSession,
                                     .device = &kStandardDevice,
                                     .file = nullptr};

}  // namespace patchbay::accounts
