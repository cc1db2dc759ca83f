// UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::wire {

bool IsValidUtf8(std::string_view text);

// The length (1 to 4) of the well-formed sequence that `text` starts with; 0 when it starts with none.
std::size_t Utf8SequenceLength(std::string_view text);

// Appends the code point's encoding; what is no scalar value becomes U+FFFD.
void AppendUtf8(std::string& out, char32_t code_point);

}  // namespace patchbay::wire
