// Tags divide a pool: an account has some, and whoever is held to tags is served by accounts that have one of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::accounts {

inline constexpr std::size_t kTagsMax = 16;
inline constexpr std::size_t kTagBytesMax = 64;

// Letters, digits, '.', '_' and '-'.
bool IsTag(std::string_view text);
// In their order, each once: sets of the same tags are equal.
std::vector<std::string> Sorted(std::vector<std::string> tags);
// Whether one of `wanted` is among `tags`; nothing wanted means that any will do.
bool HasAny(const std::vector<std::string>& tags, const std::vector<std::string>& wanted);
// With a space between.
std::string JoinTags(const std::vector<std::string>& tags);
std::vector<std::string> SplitTags(std::string_view text);

}  // namespace patchbay::accounts
