// HTTP heads as plain data: what the transport reads, the dialects judge and the identity writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::upstream {

struct Header {
  std::string name;  // lower case when it was received
  std::string value;
};

// In wire order; a name may repeat.
using Headers = std::vector<Header>;

// The first value of `name` (any case), or nullptr.
const std::string* FindHeader(const Headers& headers, std::string_view name);
// The same, or empty.
std::string_view HeaderOr(const Headers& headers, std::string_view name, std::string_view fallback = {});

struct ResponseHead {
  int status = 0;
  Headers headers;
};

// A field value that may go on the wire: no control characters, so no second header hides in it.
bool IsSafeHeaderValue(std::string_view value);
// A token as RFC 9110 §5.6.2 defines it.
bool IsHeaderName(std::string_view name);

}  // namespace patchbay::upstream
