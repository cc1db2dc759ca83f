// Free text out of a function's JSON arguments, `{"input":"…"}`, while they grow: the client reads along. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::upstream {

// The one member of a function that stands for a tool of free text.
inline constexpr std::string_view kFreeTextMember = "input";

class FreeTextReader {
 public:
  // What the next piece of the JSON adds to the text. Escapes that are no Unicode scalar become U+FFFD.
  std::string Feed(std::string_view json);
  // From then on the text is what was read of it, however the JSON goes on.
  bool began() const { return began_; }

 private:
  enum class State { kObject, kKey, kColon, kValue, kText, kEscape, kUnicode, kOver };

  // Takes one character of anything but the text's plain run.
  void Take(char c, std::string& text);
  void Expect(char c, char wanted, State next);
  void TakeEscape(char c, std::string& text);
  void TakeDigit(char c, std::string& text);
  void TakeUnit(std::string& text);
  // Half a surrogate pair whose other half does not come.
  void DropHalf(std::string& text);

  State state_ = State::kObject;
  bool began_ = false;
  std::size_t matched_ = 0;  // of the member's name
  int digits_ = 0;           // of an escape \uXXXX
  char32_t unit_ = 0;
  char32_t high_half_ = 0;
};

// The text in whole arguments. What is not of that form is the text itself: better a strange one than none. An object
// whose only member has another name is forgiven.
std::string FreeTextOf(std::string_view json);

}  // namespace patchbay::upstream
