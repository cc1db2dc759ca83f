#include "lib/catalog/words.h"

#include <algorithm>

namespace patchbay::catalog {
namespace {

constexpr std::string_view kCodexTakes[] = {"openai_responses", "openai_search", "openai_memories"};
constexpr std::string_view kChatTakes[] = {"openai_chat", kEmbeddings};
constexpr std::string_view kResponsesTakes[] = {"openai_responses", kEmbeddings};

// Where hosts of Chat Completions differ (providers §1, §2).
constexpr std::string_view kChatQuirks[] = {
    "max_completion_tokens",  // the cap is called so, and not max_tokens
    "developer_role",         // takes the role `developer`
    "many_system_messages",   // and not one, first
    "strict_tools",           // honours `strict` in tools
    "no_stream_options",      // refuses them; usage comes unasked
    "effort",                 // reasoning_effort
    "effort_object",          // reasoning: {effort}
    "thinking_type",          // thinking: {type}
    "reasoning_back",         // earlier turns with tool calls must carry their reasoning text
    "reasoning_as_text",      // what goes back of it is text of the message
    "nine_character_ids",     // of tool calls: exactly nine letters and digits
    "no_tool_choice",         // refuses it while it thinks
    "tool_choice_words",      // only none, auto and required
    "tool_choice_any",        // `any` for required
    "random_seed",            // that is what seed is called
    "no_names",               // refuses messages[].name
    "no_logprobs",            // refuses logprobs and top_logprobs
    "more_sampling",          // takes top_k, min_p and repetition_penalty
    "openai_fields",          // takes metadata, service_tier, prompt_cache_key, verbosity, logit_bias, user
    "custom_tools",           // tools of free text
    "json_object_only",       // knows no json_schema
};

// Where hosts of the Responses API differ from OpenAI (providers §3).
constexpr std::string_view kResponsesQuirks[] = {
    "functions_only",     // knows neither tools of free text nor namespaces of tools
    "no_metadata",        // refuses metadata
    "no_search_sources",  // refuses to be asked for what a search found
};

constexpr Dialect kDialects[] = {
    {.name = "codex", .takes = kCodexTakes, .sockets = true},
    {.name = "openai_chat", .takes = kChatTakes, .quirks = kChatQuirks},
    {.name = "openai_responses", .takes = kResponsesTakes, .quirks = kResponsesQuirks},
};
constexpr std::string_view kProfiles[] = {"plain", "codex"};
constexpr std::string_view kModelShapes[] = {"openai", "codex"};
constexpr std::string_view kUsageShapes[] = {"codex"};
constexpr std::string_view kLoginShapes[] = {"standard", "codex", "copilot"};
constexpr std::string_view kCapabilities[] = {"tools", "vision", "json_schema"};

}  // namespace

std::span<const Dialect> Dialects() { return kDialects; }

const Dialect* FindDialect(std::string_view name) {
  const auto found = std::ranges::find(kDialects, name, &Dialect::name);
  return found == std::end(kDialects) ? nullptr : found;
}

bool Takes(std::string_view dialect, std::string_view client_dialect) {
  const Dialect* found = FindDialect(dialect);
  return found != nullptr && std::ranges::find(found->takes, client_dialect) != found->takes.end();
}

std::span<const std::string_view> Profiles() { return kProfiles; }
std::span<const std::string_view> ModelShapes() { return kModelShapes; }
std::span<const std::string_view> UsageShapes() { return kUsageShapes; }
std::span<const std::string_view> LoginShapes() { return kLoginShapes; }
std::span<const std::string_view> Capabilities() { return kCapabilities; }

}  // namespace patchbay::catalog
