// What the endpoints of logins are asked: pairs, as a form or as JSON. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/secret.h"

namespace patchbay::accounts {

// Where a login's questions go; each is a POST that shows no credential, but for kSession: a GET that shows the login.
enum class LoginEndpoint { kToken, kDevice, kDeviceToken, kRevoke, kSession };

struct TokenRequest {
  std::string content_type = {};
  Secret body = {};
  Secret shown = {};  // of kSession: the authorization header's value
};

using TokenPairs = std::vector<std::pair<std::string_view, std::string_view>>;

// In their order, without those that are empty. `body`: "form" or "json", as a row says.
TokenRequest WriteTokenRequest(std::string_view body, const TokenPairs& pairs);

}  // namespace patchbay::accounts
