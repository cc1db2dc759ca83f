// A provider's own list of models, as accounts reads it (codex-wire §12). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/accounts/models/catalog.h"

namespace patchbay::accounts {

// The models in the provider's order. Entries without a usable name are left out; a reply without any
// model is kInvalidArgument, so that a broken answer never empties the catalog.
Result<std::vector<Model>> ReadCodexModels(std::string_view provider, std::string_view body);

}  // namespace patchbay::accounts
