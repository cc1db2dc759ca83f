// Latency tiers by the catalogue's words, which are also those of usage rows: "priority", "flex", "scale". Pure.
#pragma once

#include <string_view>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend {

// TIER_UNSPECIFIED for another word: the catalogue knows no tier that is not dearer or slower than the default.
inference::v1::Tier TierFromWord(std::string_view word);
// Empty for the default, however it is asked for.
std::string_view TierWord(inference::v1::Tier tier);
// A client's word by the catalogue's: "fast" is "priority", and the default has none. Another word stays: the provider
// judges it.
std::string_view TierWordOf(std::string_view clients_word);

}  // namespace patchbay::frontend
