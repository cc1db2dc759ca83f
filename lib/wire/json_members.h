// nlohmann's JSON, for documents off the hot path: read without exceptions, whatever they hold. What is streamed is
// read with json_reader.h.
//
// `Json` is nlohmann::json, or nlohmann::ordered_json where the members' own order matters.
#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::wire {

template <class Json>
concept NlohmannJson = std::same_as<Json, nlohmann::json> || std::same_as<Json, nlohmann::ordered_json>;

// A text that is no JSON becomes a value that is of no kind: no object, no list, no text. The parser's own words, which
// could quote a secret, stay here.
template <NlohmannJson Json = nlohmann::json>
Json ParseOrNothing(std::string_view text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// The member of that name; null where there is none, or no object. Good while `object` lives.
template <NlohmannJson Json>
const Json& Member(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

// The text itself, or empty for anything else.
template <NlohmannJson Json>
std::string TextOf(const Json& value) {
  return value.is_string() ? value.template get<std::string>() : std::string();
}
template <NlohmannJson Json>
std::string TextOf(const Json& object, const char* key) {
  return TextOf(Member(object, key));
}

template <NlohmannJson Json>
std::optional<double> NumberOf(const Json& value) {
  return value.is_number() ? std::optional(value.template get<double>()) : std::nullopt;
}
template <NlohmannJson Json>
std::optional<bool> BoolOf(const Json& value) {
  return value.is_boolean() ? std::optional(value.template get<bool>()) : std::nullopt;
}

// On one line. Bytes that are no UTF-8 become U+FFFD, where nlohmann alone would throw.
template <NlohmannJson Json>
std::string Written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace patchbay::wire
