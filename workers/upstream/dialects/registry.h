// Every provider dialect there is, by the name that catalogue rows use. A new one is one row here.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <memory>
#include <string>
#include <string_view>

#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

// As the host of a row with those quirks speaks it; the loader has seen to it that they are words of the dialect
// (lib/catalog). Null when there is no such dialect.
std::shared_ptr<const Dialect> MakeDialect(std::string_view name,
                                           const google::protobuf::RepeatedPtrField<std::string>& quirks);

}  // namespace patchbay::upstream
