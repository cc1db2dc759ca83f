// How hard a model thinks, in words: their order, and what fits a model that has not all of them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::accounts {

// One of the words that providers and clients use: none, minimal, low, medium, high, xhigh, max, ultra.
bool IsEffort(std::string_view word);

// Of `efforts` the nearest to `wanted`: the next lower one, else the lowest. `wanted` itself where nothing is known of
// the model, and for a word that nobody knows: the provider judges it.
std::string FitEffort(const std::vector<std::string>& efforts, std::string_view wanted);

}  // namespace patchbay::accounts
