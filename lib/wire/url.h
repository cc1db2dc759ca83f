// The parts of a URL that mean something to us (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace patchbay::wire {

// What is not a valid escape stays as it is.
std::string PercentDecode(std::string_view text);

// The first value of that name in a query ("alt=sse&key=…"), decoded, '+' as a space; empty without it.
std::string QueryValue(std::string_view query, std::string_view name);

}  // namespace patchbay::wire
