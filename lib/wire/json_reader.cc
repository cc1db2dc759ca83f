#include "lib/wire/json_reader.h"

#include <utility>
#include <vector>

#include "lib/base/encoding.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/wire/utf8.h"

namespace patchbay::wire {
namespace {

namespace ondemand = simdjson::ondemand;

// Parsers are kept for small texts only: after an image of many megabytes the memory is given back.
constexpr std::size_t kKeepBytes = std::size_t{256} << 10;
constexpr std::size_t kShelfSize = 8;

std::vector<std::unique_ptr<JsonScratch>>& Shelf() {
  static thread_local std::vector<std::unique_ptr<JsonScratch>> shelf;
  return shelf;
}

// Four hex digits at `at`, or -1.
int Hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// `token` is a JSON string with its quotes whose escapes the strict reader refused.
std::string Repair(std::string_view token) {
  std::string out;
  std::size_t i = 1;
  while (i < token.size() && token[i] != '"') {
    if (token[i] != '\\' || i + 1 >= token.size()) {
      out.push_back(token[i++]);
      continue;
    }
    const char escape = token[i + 1];
    i += 2;
    switch (escape) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'u': {
        const int unit = Hex4(token, i);
        if (unit < 0) {
          wire::AppendUtf8(out, 0xFFFD);
          break;
        }
        i += 4;
        const bool high = unit >= 0xD800 && unit < 0xDC00;
        const int low = high && token.substr(i, 2) == "\\u" ? Hex4(token, i + 2) : -1;
        if (low >= 0xDC00 && low < 0xE000) {
          i += 6;
          wire::AppendUtf8(out, static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)));
        } else {
          wire::AppendUtf8(out, static_cast<char32_t>(unit));  // half a pair becomes U+FFFD
        }
        break;
      }
      default: out.push_back(escape);
    }
  }
  return out;
}

}  // namespace

std::string_view JsonValue::Text() {
  ondemand::json_type type;
  if (value_.type().get(type) || type != ondemand::json_type::string) return {};
  const std::string_view token = value_.raw_json_token();
  std::string_view text;
  if (!value_.get_string().get(text)) return text;
  return scratch_.repaired.emplace_back(Repair(token));
}

std::int64_t JsonValue::Int(std::int64_t fallback) {
  std::int64_t number = 0;
  if (!value_.get_int64().get(number)) return number;
  double real = 0;
  if (!value_.get_double().get(real) && real > -9e15 && real < 9e15) return static_cast<std::int64_t>(real);
  return fallback;
}

std::optional<double> JsonValue::Number() {
  double number = 0;
  if (!value_.get_double().get(number)) return number;
  return ParseNumber<double>(Text());
}

std::optional<bool> JsonValue::Bool() {
  bool flag = false;
  if (value_.get_bool().get(flag)) return std::nullopt;
  return flag;
}

std::string_view JsonValue::Raw() {
  ondemand::json_type type;
  if (value_.type().get(type)) return {};
  if (type == ondemand::json_type::object) return RawObject();
  if (type == ondemand::json_type::array) return RawArray();
  return TrimEnd(value_.raw_json_token());
}

std::string_view JsonValue::RawObject() {
  ondemand::object object;
  std::string_view raw;
  if (value_.get_object().get(object) || object.raw_json().get(raw)) return {};
  return raw;
}

std::string_view JsonValue::RawArray() {
  ondemand::array array;
  std::string_view raw;
  if (value_.get_array().get(array) || array.raw_json().get(raw)) return {};
  return raw;
}

JsonReader::JsonReader(std::string_view text) {
  if (Shelf().empty()) {
    scratch_ = std::make_unique<JsonScratch>();
  } else {
    scratch_ = std::move(Shelf().back());
    Shelf().pop_back();
  }
  scratch_->buffer.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  scratch_->buffer.assign(text);
  const simdjson::padded_string_view padded(scratch_->buffer.data(), scratch_->buffer.size(),
                                            scratch_->buffer.capacity());
  ok_ = scratch_->parser.iterate(padded).get(document_) == simdjson::SUCCESS;
}

JsonReader::~JsonReader() {
  if (scratch_->buffer.capacity() > kKeepBytes || Shelf().size() >= kShelfSize) return;
  scratch_->repaired.clear();
  Shelf().push_back(std::move(scratch_));
}

}  // namespace patchbay::wire
