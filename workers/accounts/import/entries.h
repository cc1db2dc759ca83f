// A document's entries, out of whatever wraps them. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {

// Whether a text may be a token by itself.
bool IsToken(std::string_view word);

// One for each account that the document may hold: an object, or a text that is a token. kTooLarge beyond `max`,
// kInvalidArgument for what is no JSON and no tokens either; never quotes it.
Result<std::vector<nlohmann::json>> EntriesOf(std::string_view text, std::size_t max);

}  // namespace patchbay::accounts
