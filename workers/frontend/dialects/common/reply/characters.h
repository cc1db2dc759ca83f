// Characters of UTF-8, in which clients count the places in a text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace patchbay::frontend {

// Continuation bytes are 10xxxxxx; everything else begins a character.
inline bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

inline std::int64_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), BeginsCharacter);
}

}  // namespace patchbay::frontend
