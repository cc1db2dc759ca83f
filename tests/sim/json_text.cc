#include "tests/sim/json_text.h"

#include <cstdint>
#include <cstdio>

namespace patchbay::sim {
namespace {

void AppendUnicodeEscape(std::string& out, std::uint32_t unit) {
  char text[8];
  std::snprintf(text, sizeof(text), "\\u%04x", static_cast<unsigned>(unit));
  out += text;
}

// The code point at `at`; the text is known to be valid UTF-8 (it came out of a JSON parser or out of this program).
std::uint32_t CodePoint(std::string_view text, std::size_t at, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  if (length == 2) return ((byte(0) & 0x1f) << 6) | (byte(1) & 0x3f);
  if (length == 3) return ((byte(0) & 0x0f) << 12) | ((byte(1) & 0x3f) << 6) | (byte(2) & 0x3f);
  return ((byte(0) & 0x07) << 18) | ((byte(1) & 0x3f) << 12) | ((byte(2) & 0x3f) << 6) | (byte(3) & 0x3f);
}

}  // namespace

std::size_t Utf8Length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  if (byte >= 0xc0) return 2;
  return 1;
}

void AppendJsonString(std::string& out, std::string_view text, bool ascii) {
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool wide = ascii && c >= 0xc0;
    if (c >= 0x20 && c != '"' && c != '\\' && !wide) {
      ++i;
      continue;
    }
    out.append(text, plain, i - plain);
    const std::size_t length = wide ? Utf8Length(text[i]) : 1;
    if (wide && i + length <= text.size()) {
      const std::uint32_t code = CodePoint(text, i, length);
      if (code >= 0x10000) {
        AppendUnicodeEscape(out, 0xd800 + ((code - 0x10000) >> 10));
        AppendUnicodeEscape(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
      } else {
        AppendUnicodeEscape(out, code);
      }
    } else {
      switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: AppendUnicodeEscape(out, c);
      }
    }
    i += length;
    plain = i;
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

std::optional<std::string_view> StringAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

const json::object* ObjectAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* ArrayAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

bool TrueAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool IsAbsent(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr || value->is_null();
}

}  // namespace patchbay::sim
