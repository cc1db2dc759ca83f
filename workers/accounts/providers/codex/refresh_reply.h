// The token endpoint's language: the request body, and what its answers mean (codex-wire §14.4). Pure.
#pragma once

#include <string_view>

#include "lib/base/secret.h"
#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {

// `client_id`: the login's public client, as the provider's row names it.
Secret RefreshRequestBody(const Secret& refresh_token, std::string_view client_id);

RefreshReply ReadRefreshReply(int status, std::string_view body);

}  // namespace patchbay::accounts
