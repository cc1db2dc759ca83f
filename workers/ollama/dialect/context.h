// `context` of /api/generate: what the real server calls the tokens of the conversation so far. Pure.
//
// A client gives it back as it got it, in a type of its own for whole numbers, often of 32 bits. So ours holds the
// turns themselves, three bytes to a number:
//
//   kMark · count of bytes · the first 3 bytes of their SHA-256 · bytes, 3 to a number, the last one filled with zeros
//
// and the bytes are turns: 'u' or 'a', the length of the text in 4 bytes (big end first), the text in UTF-8. Pictures
// and thinking are left out of it, and so are the oldest turns of a conversation of more than kContextBytesMax.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::ollama {

inline constexpr std::size_t kContextBytesMax = std::size_t{256} << 10;

struct Turn {
  bool by_user = true;
  std::string text;
  bool operator==(const Turn&) const = default;
};

// The JSON array.
std::string EncodeContext(const std::vector<Turn>& turns);

// Nothing for what this bridge has not made: the tokens of a real server, say. An empty context has no turns.
std::optional<std::vector<Turn>> DecodeContext(const boost::json::array& context);

}  // namespace patchbay::ollama
