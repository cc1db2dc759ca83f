// Small helpers around JSON: escaping by hand (the event streams are written, not serialised, to be fast) and typed
// look-ups in a parsed document.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sim {

namespace json = boost::json;

// Appends `text` as a JSON string with its quotes. With `ascii` every character beyond ASCII becomes \uXXXX
// (a surrogate pair where it must be), which is what some JSON writers do.
void AppendJsonString(std::string& out, std::string_view text, bool ascii = false);

template <std::integral Number>
void AppendNumber(std::string& out, Number number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

// The member when it is there and of that type.
std::optional<std::string_view> StringAt(const json::object& object, std::string_view key);
const json::object* ObjectAt(const json::object& object, std::string_view key);
const json::array* ArrayAt(const json::object& object, std::string_view key);
bool TrueAt(const json::object& object, std::string_view key);
// Absent and null are the same.
bool IsAbsent(const json::object& object, std::string_view key);

// The bytes of one UTF-8 character that starts with `lead`: 1 to 4.
std::size_t Utf8Length(char lead);

}  // namespace patchbay::sim
