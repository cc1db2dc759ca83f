// Every provider dialect there is, by the name that catalogue rows use. A new one is one row here.
#pragma once

#include <string_view>

#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

// Null when there is no such dialect.
const Dialect* FindDialect(std::string_view name);

}  // namespace patchbay::upstream
