// Bytes as text: base64 (RFC 4648 §4), base64url without padding (§5) and hex.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay {

std::string Base64Encode(std::string_view bytes);
std::string Base64UrlEncode(std::string_view bytes);
std::string HexEncode(std::string_view bytes);

inline constexpr char kHexDigits[] = "0123456789abcdef";

// The value of a hex digit of either case, or -1.
constexpr int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Accept padding or its absence; anything outside the alphabet is kInvalidArgument.
Result<std::string> Base64Decode(std::string_view text);
Result<std::string> Base64UrlDecode(std::string_view text);

// Whether the text is base64 of at least one byte, with all of its padding or none: for what is looked at and travels
// on.
bool IsBase64(std::string_view text);

}  // namespace patchbay
