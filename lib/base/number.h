// Numbers that are all of a text.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace patchbay {

// The number that `text` writes and nothing else: no blanks, no plus, no unit behind it. Empty when it is none or does
// not fit into its type.
template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "7" or "5-9", the smaller first. Empty when it is neither.
template <class Number>
std::optional<std::pair<Number, Number>> ParseRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = ParseNumber<Number>(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ParseNumber<Number>(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair(*first, *last);
}

}  // namespace patchbay
