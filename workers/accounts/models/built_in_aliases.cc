#include "workers/accounts/models/built_in_aliases.h"

namespace patchbay::accounts {
namespace {

// By the size of the model that is meant. Later names are for plans without the earlier ones; the last of each every
// plan has.
constexpr std::string_view kLargest = "gpt-6.2-sol, gpt-6.1-sol, gpt-6-sol, gpt-5.6-sol, gpt-5.5";
constexpr std::string_view kLarge = "gpt-6.2-astra, gpt-6-astra, gpt-6.2-sol, gpt-6-sol, gpt-5.6-sol, gpt-5.5";
constexpr std::string_view kMiddle = "gpt-6.1-terra, gpt-5.6-terra, gpt-5.5";
constexpr std::string_view kSmall = "gpt-6-luna, gpt-5.6-luna, gpt-5.5";

constexpr BuiltInAlias kBuiltIn[] = {
    {"claude-*opus*", kLargest, "claude-opus-5-5"},
    {"claude-*fable*", kLarge, "claude-fable-5-2"},
    {"claude-*sonnet*", kMiddle, "claude-sonnet-5-5"},
    {"claude-*haiku*", kSmall, "claude-haiku-5-5"},
    {"claude-*", kMiddle},
    {"gemini-*pro*", kLargest},
    {"gemini-*flash*", kSmall},
    {"gemini-*", kMiddle},
};

}  // namespace

std::span<const BuiltInAlias> BuiltInAliases() { return kBuiltIn; }

}  // namespace patchbay::accounts
