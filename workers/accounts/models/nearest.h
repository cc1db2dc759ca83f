// Which names somebody may have meant, and the sentence that tells a client. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::accounts {

// Of `known` those that take the fewest changes to get to from `name`, nearest first; `name` itself is not among them.
inline constexpr std::size_t kNearestNames = 3;
std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& known);

// A client's name for a model as a message may hold it: printable, and not without end.
std::string ShownName(std::string_view name);

// "the model 'gpt-9' does not exist or no account serves it; the nearest names are 'gpt-6-sol' and 'gpt-5.5'"
std::string UnknownModelMessage(std::string_view name, const std::vector<std::string>& nearest);

}  // namespace patchbay::accounts
