// Dates in HTTP header fields (RFC 9110 §5.6.7).
#pragma once

#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string FormatHttpDate(WallTime time);

// Accepts the form above and the two obsolete ones a recipient must understand:
// "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994". Two-digit years are read as 1970 to 2069.
Result<WallTime> ParseHttpDate(std::string_view text);

}  // namespace patchbay
