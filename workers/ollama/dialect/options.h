// `options`: the knobs of a local runner, of which a few mean something to a provider (client-protocols §F.3). Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {

// Those that are mapped go into the sampling; every other one is noted as ignored, as the real server only warns of
// what it does not know. A value of another type is kInvalidArgument in the real server's words; one out of the range
// that providers take is moved into it, and noted as repaired.
Result<void> ReadOptions(const boost::json::object& body, Asked& asked);

// For tests: the ones that are mapped, as README.md has them.
std::vector<std::string_view> MappedOptions();

}  // namespace patchbay::ollama
