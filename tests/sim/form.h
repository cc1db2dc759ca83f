// What forms, queries and flat JSON objects say: names and texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/http.h"

namespace patchbay::sim {

using Fields = std::map<std::string, std::string, std::less<>>;

// "a=1&b=2", decoded.
Fields ParseForm(std::string_view text);
// The body, as its content type says; nothing for another type and for what is no such document.
std::optional<Fields> ParseFields(const Request& request);
// The field, or an empty text.
std::string_view Field(const Fields& fields, std::string_view name);

}  // namespace patchbay::sim
