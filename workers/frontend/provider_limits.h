// What a provider will not do for a client that asks (codex-wire §3.1). Pure data: the frontend tells
// its client, the upstream worker leaves it out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// The client's names of those wishes that `provider` ignores.
std::vector<std::string> IgnoredByProvider(std::string_view provider, const std::vector<WishedFor>& wishes);

}  // namespace patchbay::frontend
