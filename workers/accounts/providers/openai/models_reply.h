// A list of models in OpenAI's form, {"data":[{"id":…}]}, as most providers tell it, with what each adds to it. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/accounts/models/catalog.h"

namespace patchbay::accounts {

// The models in the provider's order; what it does not tell of them stays open. Entries without a usable name, and such
// as it says are switched off, are left out. kInvalidArgument for what is no list or holds no model, so that a broken
// answer never empties the catalog.
Result<std::vector<Model>> ReadOpenAiModels(std::string_view provider, std::string_view body);

}  // namespace patchbay::accounts
