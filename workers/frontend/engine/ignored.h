// What upstream says that the provider leaves out of a request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/upstream/v1/upstream.pb.h"

namespace patchbay::frontend {

inline constexpr std::string_view kIgnoredHeader = "x-patchbay-ignored";

// By the canonical names, in upstream's order.
std::vector<std::string> IgnoredBy(const upstream::v1::Head& head);

}  // namespace patchbay::frontend
