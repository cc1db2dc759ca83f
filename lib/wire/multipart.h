// Bodies of type multipart/form-data (RFC 7578), taken apart without copying.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::wire {

inline constexpr std::size_t kMaxFormParts = 64;
inline constexpr std::size_t kMaxFormHeadBytes = 8 * 1024;  // of one part

// Views into the body.
struct FormPart {
  std::string_view name;
  std::string_view filename;      // empty for a plain field
  std::string_view content_type;  // "image/png"; empty when the part does not say
  std::string_view body;
};

// The boundary of a Content-Type of multipart/form-data; unset for any other type, or when it has none.
std::optional<std::string> FormBoundary(std::string_view content_type);

// The parts, in order. kInvalidArgument when the body is not well formed or a part has no name; kTooLarge over a bound.
Result<std::vector<FormPart>> ParseForm(std::string_view body, std::string_view boundary);

}  // namespace patchbay::wire
