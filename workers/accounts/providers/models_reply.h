// A provider's own list of models, in the form that its row says. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/accounts/models/catalog.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// More than this is no list of models.
inline constexpr std::size_t kMaxModelsOfAPlan = 500;

// Without what the row leaves out. kInvalidArgument for a reply without any model, so that a broken answer never
// empties the catalog.
Result<std::vector<Model>> ReadModels(const Provider& provider, std::string_view body);

}  // namespace patchbay::accounts
