// Every client dialect, by name. README.md says what a new one needs.
#pragma once

#include <string_view>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// `name` is one of the router's. The dialect lives as long as the process.
const Dialect& FindDialect(std::string_view name);

}  // namespace patchbay::frontend
