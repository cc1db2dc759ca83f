// What every JSON web token has (RFC 7519). Signatures are for the provider to check, not for us. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {

// The claims, an object. kInvalidArgument when the text is no JSON web token.
Result<nlohmann::json> ReadTokenPayload(std::string_view token);
// `exp` and `iat`, where they are times that a calendar has.
std::optional<WallTime> ExpiryOf(const nlohmann::json& payload);
std::optional<WallTime> IssueOf(const nlohmann::json& payload);

}  // namespace patchbay::accounts
