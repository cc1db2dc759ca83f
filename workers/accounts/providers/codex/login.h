// A ChatGPT login: its tokens, and the endpoint that renews them (codex-wire §14). Pure.
#pragma once

#include "workers/accounts/providers/codex/device.h"
#include "workers/accounts/providers/codex/jwt.h"
#include "workers/accounts/providers/codex/login_file.h"
#include "workers/accounts/providers/codex/refresh_reply.h"

namespace patchbay::accounts {

// Personal access tokens say nothing of themselves (codex-wire §14.6).
inline bool IsPersonalToken(std::string_view token) { return token.starts_with("at-"); }

inline constexpr Login kCodexLogin{.read_claims = ReadClaims,
                                   .is_opaque = IsPersonalToken,
                                   .read_refresh = ReadRefreshReply,
                                   .device = &kCodexDevice,
                                   .file = &kAuthFile};

}  // namespace patchbay::accounts
