// ASCII text, as wire formats are made of: letters without locale, blanks, whole numbers. Unicode is lib/wire/utf8.h.
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool IsLetterOrDigit(char c) { return IsLetter(c) || IsDigit(c); }

constexpr char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char UpperCase(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
std::string LowerCase(std::string_view text);

// Only letters have a case: "[" and "{" differ by the same bit and are not equal.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix);
bool EndsWithIgnoreCase(std::string_view text, std::string_view suffix);

// What may stand around a value in a header (RFC 9110 §5.6.3), and between the tokens of JSON (RFC 8259 §2).
inline constexpr std::string_view kBlanks = " \t";
inline constexpr std::string_view kWhiteSpace = " \t\r\n";

// `text` without the characters of that set at its start, at its end, or at both.
std::string_view TrimStart(std::string_view text, std::string_view set = kWhiteSpace);
std::string_view TrimEnd(std::string_view text, std::string_view set = kWhiteSpace);
std::string_view Trim(std::string_view text, std::string_view set = kWhiteSpace);

// Whether there is nothing but white space.
bool IsBlank(std::string_view text);

// A stranger's text for a message of ours: visible ASCII and blanks as they are, any other byte as \xNN. What would be
// longer than `max_bytes` ends in "...".
std::string Printable(std::string_view text, std::size_t max_bytes);

}  // namespace patchbay
