#include "workers/upstream/transport/http_types.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::upstream {

const std::string* FindHeader(const Headers& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (EqualsIgnoreCase(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string_view HeaderOr(const Headers& headers, std::string_view name, std::string_view fallback) {
  const std::string* value = FindHeader(headers, name);
  return value == nullptr ? fallback : std::string_view(*value);
}

bool IsSafeHeaderValue(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool IsHeaderName(std::string_view name) {
  static constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetterOrDigit(c) || kOther.find(c) != std::string_view::npos;
  });
}

}  // namespace patchbay::upstream
