// Makes a value that satisfies a JSON schema, the same one every time: the arguments of simulated tool calls and the
// answers to structured-output requests.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace patchbay::sim {

// `text` is used where the schema asks for a plain string. Recursion through $ref ends at a fixed depth.
boost::json::value Synthesize(const boost::json::value& schema, std::string_view text = "text");

}  // namespace patchbay::sim
