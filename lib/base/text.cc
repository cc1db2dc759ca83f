#include "lib/base/text.h"

#include <algorithm>

namespace patchbay {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerCase(c);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && LowerCase(a[i]) != LowerCase(b[i])) return false;
  }
  return true;
}

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

bool EndsWithIgnoreCase(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && EqualsIgnoreCase(text.substr(text.size() - suffix.size()), suffix);
}

std::string_view TrimStart(std::string_view text, std::string_view set) {
  text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
  return text;
}

std::string_view TrimEnd(std::string_view text, std::string_view set) {
  const std::size_t last = text.find_last_not_of(set);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view Trim(std::string_view text, std::string_view set) { return TrimEnd(TrimStart(text, set), set); }

bool IsBlank(std::string_view text) { return text.find_first_not_of(kWhiteSpace) == std::string_view::npos; }

std::string Printable(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kCut = "...";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string printable;
  std::size_t fits = 0;  // bytes that may stay when the rest has to go
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      printable.push_back(c);
    } else {
      printable.append("\\x").append({kHex[byte >> 4], kHex[byte & 0xf]});
    }
    if (printable.size() + kCut.size() <= max_bytes) fits = printable.size();
    if (printable.size() > max_bytes) return printable.substr(0, fits).append(kCut);
  }
  return printable;
}

}  // namespace patchbay
