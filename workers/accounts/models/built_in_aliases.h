// What clients of other vendors ask for by default, and the models that stand for it. Pure.
#pragma once

#include <span>
#include <string_view>

namespace patchbay::accounts {

struct BuiltInAlias {
  std::string_view name;    // '*' stands for any text
  std::string_view target;  // names of models, the best first
  // A whole name that it fits, for lists: what the vendor's own client offers. Empty for none.
  std::string_view shown = {};
};

std::span<const BuiltInAlias> BuiltInAliases();

// Clients of Anthropic's show names that begin with "claude" or "anthropic" and no others (real-clients §7.2). So each
// model and each alias that is a whole name has a second one with this in front.
inline constexpr std::string_view kClaudePrefix = "claude-";
// What other gateways put in front of names of that vendor's. It says nothing here.
inline constexpr std::string_view kVendorPrefix = "anthropic/";

}  // namespace patchbay::accounts
