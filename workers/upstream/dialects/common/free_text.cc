#include "workers/upstream/dialects/common/free_text.h"

#include <algorithm>

#include "lib/base/encoding.h"
#include "lib/wire/json_reader.h"
#include "lib/wire/utf8.h"

namespace patchbay::upstream {
namespace {

constexpr std::string_view kQuotedMember = "\"input\"";
static_assert(kQuotedMember.substr(1, kQuotedMember.size() - 2) == kFreeTextMember);

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::string FreeTextReader::Feed(std::string_view json) {
  std::string text;
  while (!json.empty() && state_ != State::kOver) {
    const std::size_t plain = state_ == State::kText ? std::min(json.find_first_of("\"\\"), json.size()) : 0;
    if (plain > 0) {
      DropHalf(text);
      text.append(json.substr(0, plain));
    } else {
      Take(json.front(), text);
    }
    json.remove_prefix(std::max<std::size_t>(plain, 1));
  }
  return text;
}

void FreeTextReader::Take(char c, std::string& text) {
  switch (state_) {
    case State::kObject: return Expect(c, '{', State::kKey);
    case State::kKey:
      if (matched_ == 0 && IsBlank(c)) return;
      if (c != kQuotedMember[matched_++]) state_ = State::kOver;
      if (matched_ == kQuotedMember.size() && state_ == State::kKey) state_ = State::kColon;
      return;
    case State::kColon: return Expect(c, ':', State::kValue);
    case State::kValue:
      Expect(c, '"', State::kText);
      began_ = state_ == State::kText;
      return;
    case State::kText:
      if (c == '"') DropHalf(text);
      state_ = c == '"' ? State::kOver : State::kEscape;
      return;
    case State::kEscape: return TakeEscape(c, text);
    case State::kUnicode: return TakeDigit(c, text);
    case State::kOver: return;
  }
}

void FreeTextReader::Expect(char c, char wanted, State next) {
  if (!IsBlank(c)) state_ = c == wanted ? next : State::kOver;
}

void FreeTextReader::TakeEscape(char c, std::string& text) {
  constexpr std::string_view kLetters = "nrtbf", kMeant = "\n\r\t\b\f";
  if (c == 'u') {
    state_ = State::kUnicode;
    digits_ = 0;
    unit_ = 0;
    return;
  }
  DropHalf(text);
  const std::size_t letter = kLetters.find(c);
  text.push_back(letter == std::string_view::npos ? c : kMeant[letter]);
  state_ = State::kText;
}

void FreeTextReader::TakeDigit(char c, std::string& text) {
  const int digit = HexDigit(c);
  if (digit < 0) {
    // No JSON any more.
    DropHalf(text);
    wire::AppendUtf8(text, 0xFFFD);
    state_ = State::kOver;
    return;
  }
  unit_ = unit_ * 16 + static_cast<char32_t>(digit);
  if (++digits_ < 4) return;
  state_ = State::kText;
  TakeUnit(text);
}

void FreeTextReader::TakeUnit(std::string& text) {
  const bool low = unit_ >= 0xDC00 && unit_ < 0xE000;
  if (high_half_ != 0 && low) {
    wire::AppendUtf8(text, 0x10000 + ((high_half_ - 0xD800) << 10) + (unit_ - 0xDC00));
    high_half_ = 0;
    return;
  }
  DropHalf(text);
  if (unit_ >= 0xD800 && unit_ < 0xDC00) {
    high_half_ = unit_;
  } else {
    wire::AppendUtf8(text, unit_);  // a lone low half becomes U+FFFD
  }
}

void FreeTextReader::DropHalf(std::string& text) {
  if (high_half_ == 0) return;
  wire::AppendUtf8(text, 0xFFFD);
  high_half_ = 0;
}

std::string FreeTextOf(std::string_view json) {
  std::string text;
  int members = 0;
  bool found = false, is_text = true;
  wire::JsonReader reader(json);
  const bool whole = reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    ++members;
    if (found) return;
    found = key == kFreeTextMember;
    const std::string_view raw = value.Raw();
    is_text = raw.starts_with('"');
    if (!is_text) return;
    // The value is read once, so its text comes by the way of growing arguments.
    FreeTextReader one;
    text = one.Feed(std::string(R"({"input":)").append(raw));
  });
  if (!whole || !is_text || (members > 1 && !found)) return std::string(json);
  return text;
}

}  // namespace patchbay::upstream
