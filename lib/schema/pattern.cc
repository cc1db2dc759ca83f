#include "lib/schema/pattern.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/text.h"

namespace patchbay::schema {
namespace {

bool IsOneOf(std::string_view letters, char c) { return letters.find(c) != std::string_view::npos; }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Patterns nest as deep as somebody likes; Python's reader would go down with them.
constexpr std::size_t kMaxDepth = 50;

class Reader {
 public:
  explicit Reader(std::string_view pattern) : rest_(pattern) {}

  bool ReadAll() {
    TakeFlags();
    return ReadAlternatives() && rest_.empty();
  }

 private:
  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  char Next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // (?i), which stands at the very beginning or nowhere.
  void TakeFlags() {
    const std::size_t end = rest_.find(')');
    if (!rest_.starts_with("(?") || end == std::string_view::npos || end == 2) return;
    if (rest_.substr(2, end - 2).find_first_not_of("aimsux") == std::string_view::npos) rest_.remove_prefix(end + 1);
  }

  // Up to the end or to the parenthesis that closes the group.
  bool ReadAlternatives() {
    bool repeatable = false;  // the last thing may have a quantifier
    while (!rest_.empty() && rest_.front() != ')') {
      const char c = Next();
      if (c == '|') {
        varies_ = true;
        repeatable = false;
      } else if (c == '^' || c == '$') {
        repeatable = false;
      } else if (c == '*' || c == '+' || c == '?') {
        if (!repeatable || !ReadQuantifierEnd()) return false;
        repeatable = false;
      } else if (c == '{') {
        if (!ReadBraces(repeatable)) return false;
      } else if (c == '[') {
        if (!ReadClass()) return false;
        repeatable = true;
      } else if (c == '(') {
        if (!ReadGroup(repeatable)) return false;
      } else if (c == '\\') {
        if (!ReadEscape(repeatable)) return false;
      } else {
        repeatable = true;
      }
    }
    return true;
  }

  // Lazy is fine; a second quantifier is not.
  bool ReadQuantifierEnd() {
    varies_ = true;
    Take("?");
    return rest_.empty() || !IsOneOf("*+?", rest_.front());
  }

  // {3}, {3,}, {,3}, {3,5}; anything else is text.
  bool ReadBraces(bool& repeatable) {
    const std::size_t end = rest_.find('}');
    const std::string_view inner = rest_.substr(0, end);
    const std::size_t comma = inner.find(',');
    const std::string_view low = inner.substr(0, comma);
    const std::string_view high = comma == std::string_view::npos ? low : inner.substr(comma + 1);
    const auto digits = [](std::string_view text) { return text.find_first_not_of("0123456789") == text.npos; };
    const bool text = end == std::string_view::npos || inner.empty() || !digits(low) || !digits(high);
    if (text) {
      repeatable = true;
      return true;
    }
    if (!repeatable) return false;
    constexpr std::size_t kMaxDigits = 9;  // Python's own bound is near
    if (low.size() > kMaxDigits || high.size() > kMaxDigits) return false;
    if (!low.empty() && !high.empty() && std::stoul(std::string(low)) > std::stoul(std::string(high))) return false;
    rest_.remove_prefix(end + 1);
    repeatable = false;
    const bool varied = varies_;
    if (!ReadQuantifierEnd()) return false;
    varies_ = varied || low != high;
    return true;
  }

  bool ReadGroup(bool& repeatable) {
    if (++depth_ > kMaxDepth) return false;
    bool behind = false;
    if (Take("?")) {
      if (Take("#")) {
        const std::size_t end = rest_.find(')');
        if (end == std::string_view::npos) return false;
        rest_.remove_prefix(end + 1);
        --depth_;
        return true;
      }
      if (Take("<=") || Take("<!")) {
        behind = true;
      } else if (Take("P<")) {
        if (!ReadName('>')) return false;
        ++groups_;
      } else if (Take("P=")) {
        if (!ReadName(')')) return false;
        --depth_;
        repeatable = true;
        return true;
      } else if (!Take(":") && !Take("=") && !Take("!") && !TakeScopedFlags()) {
        return false;  // (?<name>…), (?>…), (?i), (?(1)…) and what nobody knows
      }
    } else {
      ++groups_;
    }
    const bool varied = varies_;
    if (behind) varies_ = false;
    if (!ReadAlternatives() || !Take(")")) return false;
    if (behind && varies_) return false;  // looks behind by a width that is not fixed
    varies_ = varied || (!behind && varies_);
    --depth_;
    repeatable = true;
    return true;
  }

  // (?i:…), (?-i:…)
  bool TakeScopedFlags() {
    const std::size_t end = rest_.find(':');
    if (end == std::string_view::npos || end == 0) return false;
    if (rest_.substr(0, end).find_first_not_of("imsx-") != std::string_view::npos) return false;
    if (rest_[end - 1] == '-') return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool ReadName(char close) {
    const std::size_t end = rest_.find(close);
    if (end == std::string_view::npos || end == 0 || IsDigit(rest_.front())) return false;
    const std::string_view name = rest_.substr(0, end);
    for (const char c : name) {
      if (!IsLetterOrDigit(c) && c != '_') return false;
    }
    rest_.remove_prefix(end + 1);
    for (const std::string& known : names_) {
      if (known == name) return close == ')';
    }
    names_.emplace_back(name);
    return close == '>';
  }

  bool ReadHex(std::size_t digits) {
    if (rest_.size() < digits) return false;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!IsHexDigit(rest_[i])) return false;
    }
    rest_.remove_prefix(digits);
    return true;
  }

  // What \x, \u and \U want behind them; nothing for other letters.
  static std::optional<std::size_t> HexDigitsOf(char c) {
    if (c == 'x') return 2;
    if (c == 'u') return 4;
    if (c == 'U') return 8;
    return std::nullopt;
  }

  bool ReadEscape(bool& repeatable) {
    if (rest_.empty()) return false;
    const char c = Next();
    if (IsOneOf("AbBZ", c)) {
      repeatable = false;  // places, as ^ is
      return true;
    }
    repeatable = true;
    if (const auto digits = HexDigitsOf(c)) return ReadHex(*digits);
    if (IsLetter(c)) return IsOneOf("dDsSwWafnrtv", c);
    if (c == '0' || !IsDigit(c)) return true;
    // An earlier group, or three octal digits.
    int number = c - '0';
    while (!rest_.empty() && IsDigit(rest_.front()) && number < 100) number = number * 10 + (Next() - '0');
    return number <= groups_;
  }

  bool ReadClass() {
    Take("^");
    bool first = true;
    for (;; first = false) {
      if (rest_.empty()) return false;
      if (!first && Take("]")) return true;
      const auto low = ReadClassCharacter();
      if (!low) return false;
      const bool range = rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']';
      if (!range) continue;
      Next();
      const auto high = ReadClassCharacter();
      if (!high || *low == kSet || *high == kSet || *low > *high) return false;
    }
  }

  // The code of a character of a class; kSet for \w and its like.
  static constexpr int kSet = -1;
  std::optional<int> ReadClassCharacter() {
    const char c = Next();
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) return ReadCharacter(byte);
    if (c != '\\') return byte;
    if (rest_.empty()) return std::nullopt;
    const char escaped = Next();
    if (const auto digits = HexDigitsOf(escaped)) {
      const std::string_view hex = rest_.substr(0, *digits);
      if (!ReadHex(*digits)) return std::nullopt;
      return static_cast<int>(std::stoul(std::string(hex.substr(hex.size() > 6 ? hex.size() - 6 : 0)), nullptr, 16));
    }
    if (IsOneOf("dDsSwW", escaped)) return kSet;
    constexpr std::string_view kNames = "abfnrtv", kValues = "\a\b\f\n\r\t\v";
    if (const std::size_t at = kNames.find(escaped); at != std::string_view::npos) return kValues[at];
    if (IsLetter(escaped)) return std::nullopt;
    if (!IsDigit(escaped)) return static_cast<unsigned char>(escaped);
    if (escaped > '7') return std::nullopt;
    int octal = escaped - '0';
    for (int i = 0; i < 2 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '7'; ++i) {
      octal = octal * 8 + (Next() - '0');
    }
    return octal <= 0377 ? std::optional(octal) : std::nullopt;
  }

  // A character beyond ASCII whose first byte is read; its order is that of its code point.
  int ReadCharacter(unsigned char lead) {
    int code = lead >= 0xF0 ? lead & 0x07 : lead >= 0xE0 ? lead & 0x0F : lead & 0x1F;
    while (!rest_.empty() && (static_cast<unsigned char>(rest_.front()) & 0xC0) == 0x80)
      code = code * 64 + (Next() & 0x3F);
    return code;
  }

  std::string_view rest_;
  std::size_t depth_ = 0;
  int groups_ = 0;
  bool varies_ = false;  // something so far may be of several widths
  std::vector<std::string> names_;
};

}  // namespace

bool IsPythonPattern(std::string_view pattern) { return Reader(pattern).ReadAll(); }

}  // namespace patchbay::schema
