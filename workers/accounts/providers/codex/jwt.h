// What an account's token says of itself. The provider issued it to its owner, who gave it to us: its signature is
// for the provider to check, not for us (codex-wire §14.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay::accounts {

struct TokenClaims {
  std::optional<WallTime> expires_at;
  std::string provider_account_id;
  std::string user_id;
  std::string email;
  std::string plan;
  bool fedramp = false;
};

// kInvalidArgument when the text is no JSON web token. Claims of an unexpected type are treated as absent.
Result<TokenClaims> ReadClaims(std::string_view token);

// `first`'s claims, and `second`'s where the first has none.
TokenClaims Combine(TokenClaims first, const TokenClaims& second);

}  // namespace patchbay::accounts
