// What a token endpoint answers to somebody who has just logged in (RFC 6749 §5.1, §5.2). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {

struct TokenReply {
  enum class Kind {
    kTokens,
    kRefused,    // the code is good for nothing
    kTransient,  // try again later
  };
  Kind kind = Kind::kTransient;
  Secret access;
  Secret refresh;
  Secret id;
  std::optional<std::chrono::seconds> expires_in;
  std::string code;      // of the refusal; empty when there was none that looks like one
  std::string evidence;  // for people: status and code; never holds a token
};

TokenReply ReadTokenReply(int status, std::string_view body);

// The code of a refusal: `error.code`, `error` when that is a text, or the top level's. Only what looks like a code:
// the answer's free text could echo anything.
std::string RefusalCode(const nlohmann::json& document);

// A member that counts seconds, as a number or as a text of digits (codex-wire §14.2); nothing beyond ten years.
std::optional<std::chrono::seconds> SecondsOf(const nlohmann::json& object, const char* key);

}  // namespace patchbay::accounts
