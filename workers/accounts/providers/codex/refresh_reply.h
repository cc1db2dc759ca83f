// What the token endpoint's answers to a refresh mean (codex-wire §14.4). Pure.
#pragma once

#include <string_view>

#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {

RefreshReply ReadRefreshReply(int status, std::string_view body);

}  // namespace patchbay::accounts
