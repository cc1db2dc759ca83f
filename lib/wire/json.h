// JSON bodies without a document tree: check one, find a top-level member's bytes, replace them.
// Fast enough for megabytes on the event loop (simdjson, kept out of this header).
//
// The parser reads past the end of its input, so it wants spare capacity behind it. Functions that
// take `std::string&` leave the text as it is but may reserve that capacity; a string that already
// has kJsonPadding bytes to spare is never copied.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::wire {

inline constexpr std::size_t kJsonPadding = 64;
inline constexpr std::size_t kMaxJsonDepth = 128;

struct Span {
  std::size_t offset = 0;
  std::size_t size = 0;

  std::string_view In(std::string_view text) const { return text.substr(offset, size); }
};

// One member of the outermost object. The value is the JSON text of it, without surrounding space.
struct Member {
  std::string key;  // unescaped
  Span value;
};

enum class Duplicates { kReject, kAllow };

// The whole body is valid JSON and valid UTF-8, and no deeper than max_depth. kInvalidArgument says
// what is wrong and where ("line 3, column 7"). kReject looks at the outermost object's keys only.
Result<void> ValidateJson(std::string& body, std::size_t max_depth = kMaxJsonDepth,
                          Duplicates duplicates = Duplicates::kReject);

// The members of the outermost object, in order; a repeated key is kInvalidArgument. Values are
// delimited, not checked: use ValidateJson first where the body's sender deserves a clear answer.
Result<std::vector<Member>> TopLevelMembers(std::string& body);

// Where the value of `key` lies. kNotFound without it; kInvalidArgument for a repeated key or when
// `body` is no object.
Result<Span> FindTopLevel(std::string& body, std::string_view key);

enum class IfMissing { kFail, kInsert };

// `body` with the value of `key` replaced by `replacement_json`, byte for byte the same elsewhere.
// Move the body in and nothing is held twice. Errors as FindTopLevel; kInsert puts the member first.
Result<std::string> SpliceTopLevel(std::string body, std::string_view key, std::string_view replacement_json,
                                   IfMissing if_missing = IfMissing::kFail);

// "line 3, column 7" of a byte offset, both counted from 1, columns in bytes.
std::string DescribeOffset(std::string_view text, std::size_t offset);

}  // namespace patchbay::wire
