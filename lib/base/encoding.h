// Bytes as text: base64 (RFC 4648 §4), base64url without padding (§5) and hex.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay {

std::string Base64Encode(std::string_view bytes);
std::string Base64UrlEncode(std::string_view bytes);
std::string HexEncode(std::string_view bytes);

// Accept padding or its absence; anything outside the alphabet is kInvalidArgument.
Result<std::string> Base64Decode(std::string_view text);
Result<std::string> Base64UrlDecode(std::string_view text);

// Whether the text is base64 of at least one byte, with all of its padding or none: for what is looked at and travels
// on.
bool IsBase64(std::string_view text);

}  // namespace patchbay
