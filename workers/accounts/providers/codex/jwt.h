// What an account's token says of itself (codex-wire §14.3). Pure.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {

// kInvalidArgument when the text is no JSON web token. Claims of an unexpected type are treated as absent.
Result<TokenClaims> ReadClaims(std::string_view token);

}  // namespace patchbay::accounts
