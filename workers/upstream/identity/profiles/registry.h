// Every profile there is, by the name that rows use (lib/catalog/words).
#pragma once

#include <string_view>

#include "workers/upstream/identity/profiles/profile.h"

namespace patchbay::upstream {

// Null when there is no such profile.
const Profile* FindProfile(std::string_view name);

}  // namespace patchbay::upstream
