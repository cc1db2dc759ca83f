// How the decoders of this dialect read a client's JSON: null counts as absent, and an error names the place.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::ollama {

// The member of that name; null when it is absent or null.
const boost::json::value* Find(const boost::json::object& object, std::string_view key);

// kInvalidArgument of the client's, with the place in front: "messages[2].content: expected a string".
Error Wrong(std::string_view place, std::string_view what);

// Empty when the member is absent.
Result<std::string_view> Text(const boost::json::object& object, std::string_view key, std::string_view place = {});
Result<bool> Flag(const boost::json::object& object, std::string_view key, bool fallback);
// Null when the member is absent; an error when it is no object, or no array.
Result<const boost::json::object*> Object(const boost::json::object& object, std::string_view key,
                                          std::string_view place = {});
Result<const boost::json::array*> Array(const boost::json::object& object, std::string_view key,
                                        std::string_view place = {});

// "messages[2]", "messages[2].content".
std::string Element(std::string_view list, std::size_t index);
std::string Below(std::string_view place, std::string_view key);

}  // namespace patchbay::ollama
