// Names and ids as a provider takes them. What does not fit is cut and gets a hash of itself, so that it is the same in
// every turn, which keeps the provider's prompt cache warm, and two long ones stay two. Pure.
#pragma once

#include <string>
#include <string_view>

#include "workers/upstream/dialects/common/limits.h"

namespace patchbay::upstream {

bool Fits(std::string_view identifier, const IdentifierRule& rule);
// The identifier itself where it fits.
std::string MadeToFit(std::string_view identifier, const IdentifierRule& rule);

}  // namespace patchbay::upstream
