// What a person brings back from the provider's page, however they copied it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::accounts {

struct LoginAnswer {
  Secret code;
  Secret state;
  bool needs_state = false;  // it came as the page wrote it: there must be one
  int port = 0;              // of the URL; 0 where there was none
  // The page says that there is no code: "access_denied".
  std::string error;
  std::string description;  // for people, printable and bounded
};

inline constexpr std::size_t kMaxLoginAnswerBytes = 8 * 1024;

// The URL of the callback, its query, CODE#STATE or CODE. kInvalidArgument when it is none of these; never quotes it.
Result<LoginAnswer> ReadLoginAnswer(std::string_view text);

}  // namespace patchbay::accounts
