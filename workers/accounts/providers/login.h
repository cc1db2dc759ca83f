// Logins whose tokens are renewed: what the tokens say of themselves, and what the endpoint that renews them says. How
// both are written is the provider's (registry.h). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "workers/accounts/providers/device.h"
#include "workers/accounts/providers/login_file.h"

namespace patchbay::accounts {

// The provider issued a token to its owner, who gave it to us: its signature is for the provider to check, not for us.
struct TokenClaims {
  std::optional<WallTime> expires_at;
  std::optional<WallTime> issued_at;
  std::string provider_account_id;
  std::string user_id;
  std::string email;
  std::string plan;
  bool fedramp = false;
};

// `first`'s claims, and `second`'s where the first has none.
TokenClaims Combine(TokenClaims first, const TokenClaims& second);

// When an access token ends, by our clock, that the provider has just handed out: however wrong our clock is, it has
// not ended yet. `expires_in` as the token's answer told. Nothing when nobody tells.
std::optional<WallTime> ExpiryOfNew(const TokenClaims& claims, std::optional<std::chrono::seconds> expires_in,
                                    WallTime now);

struct RefreshReply {
  enum class Kind {
    kTokens,     // new tokens; absent ones keep their old value
    kPermanent,  // the refresh token is dead: a login is needed
    kTransient,  // try again later
  };
  Kind kind = Kind::kTransient;
  Secret access;
  Secret refresh;
  Secret id;
  std::optional<std::chrono::seconds> expires_in;
  bool spent = false;    // dead because it was used before
  std::string evidence;  // for people, with the provider's code; never holds a token
};

// One provider's way to write all that.
struct Login {
  // kInvalidArgument when the text is no token that says anything. Claims of an unexpected type are treated as absent.
  Result<TokenClaims> (*read_claims)(std::string_view token);
  // Of such a token nobody expects claims.
  bool (*is_opaque)(std::string_view token);
  RefreshReply (*read_refresh)(int status, std::string_view body);
  const DeviceFlow* device;
  // In which another program keeps such a login; null where none does.
  const LoginFile* file;
};

}  // namespace patchbay::accounts
