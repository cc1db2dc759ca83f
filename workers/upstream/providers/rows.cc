#include "workers/upstream/providers/rows.h"

namespace patchbay::upstream {
namespace {

constexpr ProviderRow kRows[] = {
    // codex-wire §1, §12, §13, §14.4
    {.name = "codex",
     .dialect = "codex",
     .base_url = "https://chatgpt.com/backend-api/codex",
     .auth_base_url = "https://auth.openai.com",
     .token_path = "/oauth/token",
     .usage_path = "/wham/usage",
     .usage_path_without_prefix = "/api/codex/usage",
     .models_path = "/models?client_version="},
};

}  // namespace

std::span<const ProviderRow> BuiltInProviders() { return kRows; }

}  // namespace patchbay::upstream
