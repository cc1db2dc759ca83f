// Secrets that somebody chose, instead of having one made.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::keyterms {

inline constexpr std::size_t kMinTokenBytes = 16;

// What is wrong with it, "is one that examples use"; empty when it will do. Never shows it.
std::string TokenProblem(std::string_view token);

}  // namespace patchbay::keyterms
