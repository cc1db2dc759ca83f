#include "lib/wire/json_writer.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "lib/base/encoding.h"
#include "lib/wire/utf8.h"

namespace patchbay::wire {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

// The high bit of every byte of `word` that is zero; bytes above the first zero byte may be wrong,
// which is harmless, for only the lowest hit is used.
constexpr std::uint64_t ZeroBytes(std::uint64_t word) { return (word - kOnes) & ~word & kHighs; }

// The same of every byte that JSON wants escaped: control characters, '"' and '\'.
constexpr std::uint64_t Escaped(std::uint64_t word) {
  const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return control | ZeroBytes(word ^ (kOnes * '"')) | ZeroBytes(word ^ (kOnes * '\\'));
}

constexpr bool IsEscaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// How many bytes from the start need no attention: ASCII without what is escaped.
std::size_t PlainPrefix(std::string_view text) {
  std::size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + 8 <= text.size(); i += 8) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      const std::uint64_t hits = Escaped(word) | (word & kHighs);
      if (hits != 0) return i + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    }
  }
  while (i < text.size() && !IsEscaped(text[i]) && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

constexpr std::size_t kLongestEscape = 6;

// Writes the escape to `out` and says how long it is.
std::size_t WriteEscape(char c, char* out) {
  out[0] = '\\';
  switch (c) {
    case '"':
    case '\\': out[1] = c; return 2;
    case '\b': out[1] = 'b'; return 2;
    case '\f': out[1] = 'f'; return 2;
    case '\n': out[1] = 'n'; return 2;
    case '\r': out[1] = 'r'; return 2;
    case '\t': out[1] = 't'; return 2;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  const char code[5] = {'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  std::memcpy(out + 1, code, sizeof code);
  return kLongestEscape;
}

// `text` is UTF-8. Escapes stand close together in code and prose, so pieces are gathered before the string grows.
void AppendUtf8Escaped(std::string& out, std::string_view text) {
  char gathered[1024];
  std::size_t size = 0, i = 0;
  while (i < text.size()) {
    if (size + kLongestEscape + 8 > sizeof gathered) {
      out.append(gathered, size);
      size = 0;
    }
    if constexpr (std::endian::native == std::endian::little) {
      if (i + 8 <= text.size()) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + i, 8);
        std::memcpy(gathered + size, &word, 8);  // whole; what is not plain of it is written over
        const std::uint64_t hits = Escaped(word);
        const std::size_t plain = hits == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(hits)) / 8;
        size += plain;
        i += plain;
        if (plain == 8) continue;
      }
    }
    if (IsEscaped(text[i])) {
      size += WriteEscape(text[i], gathered + size);
    } else {
      gathered[size++] = text[i];
    }
    ++i;
  }
  out.append(gathered, size);
}

// What is not UTF-8 becomes U+FFFD.
void AppendMended(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t length = PlainPrefix(text);
    if (length == 0) length = Utf8SequenceLength(text);
    if (length == 0) {
      AppendUtf8(out, 0xFFFD);
      length = 1;
    } else if (IsEscaped(text.front())) {
      char escape[kLongestEscape];
      out.append(escape, WriteEscape(text.front(), escape));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
}

}  // namespace

void AppendJsonText(std::string& out, std::string_view text) {
  const std::size_t plain = PlainPrefix(text);
  out.append(text.substr(0, plain));
  text.remove_prefix(plain);
  if (text.empty()) return;
  if (IsValidUtf8(text)) {
    AppendUtf8Escaped(out, text);
  } else {
    AppendMended(out, text);
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  AppendJsonText(out, text);
  out.push_back('"');
}

JsonWriter& JsonWriter::Double(double number) {
  if (!std::isfinite(number)) return Null();
  char text[32];
  const char* end = std::to_chars(text, text + sizeof text, number).ptr;
  return Raw({text, static_cast<std::size_t>(end - text)});
}

}  // namespace patchbay::wire
