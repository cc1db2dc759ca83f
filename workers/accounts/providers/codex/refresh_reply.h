// The token endpoint's language: the request body, and what its answers mean (codex-wire §14.4). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"

namespace patchbay::accounts {

// `client_id`: the login's public client, as the provider's row names it.
Secret RefreshRequestBody(const Secret& refresh_token, std::string_view client_id);

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
  std::string code;      // the provider's, when it gave one
  std::string evidence;  // for people; never holds a token
};

RefreshReply ReadRefreshReply(int status, std::string_view body);

}  // namespace patchbay::accounts
