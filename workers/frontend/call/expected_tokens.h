// What a call will cost in tokens, roughly, for what accounts reserves of its key's budget until the call has ended.
// Pure.
#pragma once

#include <cstdint>

#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

struct ExpectedTokens {
  std::int64_t input = 0;
  std::int64_t max_output = 0;  // that the request allows; 0: it does not say
};

// In bounded time. Of a body that has not been translated its size tells, up to kMaxExpectedBytes: what is beyond are
// pictures and files, which cost less than their text would.
ExpectedTokens ExpectedOf(const Payload& payload);
inline constexpr std::size_t kMaxExpectedBytes = 1024 * 1024;
// Of JSON with its names and braces: rather too few, so that what is reserved is rather too much.
inline constexpr std::size_t kBytesPerExpectedToken = 3;

}  // namespace patchbay::frontend
