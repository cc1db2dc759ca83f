// What both of our HTTP parsers, the server's and the client's, must know of Beast's.
#pragma once

#include <string_view>

namespace patchbay::net {

// Beast asserts that once it has seen the line of a last chunk ("0\r\n"), it is called again with at least five bytes,
// which the network's choice of packets can belie. A whole body has that many, so waiting for them loses nothing.
inline bool IsCutLastChunk(std::string_view bytes) { return bytes.size() < 5 && bytes.starts_with('0'); }

}  // namespace patchbay::net
