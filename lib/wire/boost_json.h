// Boost.JSON for documents that are edited, and the one way to parse untrusted text with it.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <string_view>

#include "lib/base/result.h"
#include "lib/wire/json.h"

namespace patchbay::wire {

// Never throws for any input. kInvalidArgument says what is wrong and where; a repeated key keeps its
// last value, as Boost.JSON does.
Result<boost::json::value> ParseJson(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

// As ParseJson, without building the document; also looks for repeated keys of the outermost object.
Result<void> CheckJsonSlowly(std::string_view text, std::size_t max_depth, bool reject_duplicates);

// Whether every number in it is finite. A number like 1e999 is infinite for Boost.JSON, which writes it as no JSON at
// all: look before you serialize what a stranger sent. Nests as deep as ParseJson lets it.
bool IsFinite(const boost::json::value& value);

// The member of that name, or null when `value` is no object or has none: editing without exceptions.
const boost::json::value* FindMember(const boost::json::value& value, std::string_view key);
// The string of that name, or empty.
std::string_view FindString(const boost::json::value& value, std::string_view key);

}  // namespace patchbay::wire
