// The parts of a URL that mean something to us (RFC 3986).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::wire {

// An http or https URL that says where something is and nothing else: no user info, no query, no fragment.
struct HttpUrl {
  bool tls = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path;  // "" or "/…", as written

  bool operator==(const HttpUrl&) const = default;
};

// kInvalidArgument says what is wrong and shows the text, but never one that holds a user name: a password stands
// behind it.
Result<HttpUrl> ParseHttpUrl(std::string_view text);

// What needs no escape anywhere in a URL stays as it is (RFC 3986 §2.3): also good for a form's values.
std::string PercentEncode(std::string_view text);
// What is not a valid escape stays as it is.
std::string PercentDecode(std::string_view text);

// The first value of that name in a query ("alt=sse&key=…"), decoded, '+' as a space; empty without it.
std::string QueryValue(std::string_view query, std::string_view name);

}  // namespace patchbay::wire
