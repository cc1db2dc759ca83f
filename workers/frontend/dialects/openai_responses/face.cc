#include "workers/frontend/dialects/openai_responses/face.h"

#include <array>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses {
namespace {

constexpr std::string_view kPath = "/v1/responses";
constexpr std::string_view kBelowPath = "/v1/responses/";

constexpr std::array kRows = {
    RouteRow{.method = "POST", .path = kPath, .action = Action::kCall, .at_further_bases = true},
    RouteRow{.method = "GET", .path = kPath, .action = Action::kSocket, .at_further_bases = true},
    RouteRow{.method = "POST", .path = "/v1/responses/input_tokens", .action = Action::kCountTokens},
    RouteRow{.method = "GET", .path = kBelowPath, .action = Action::kStoredAnswer, .suffix = "/input_items"},
    RouteRow{.method = "POST", .path = kBelowPath, .action = Action::kStoredAnswer, .suffix = "/cancel"},
    RouteRow{.method = "GET", .path = kBelowPath, .action = Action::kStoredAnswer},
    RouteRow{.method = "DELETE", .path = kBelowPath, .action = Action::kStoredAnswer},
    // That client's own place for its list of models.
    RouteRow{.method = "GET", .path = "/backend-api/codex/models", .action = Action::kListModels},
    // What its ChatGPT login makes it ask besides; the server of tools it asks without a key.
    RouteRow{.method = "GET", .path = "/backend-api/wham/accounts/check", .action = Action::kWorkspaces},
    RouteRow{.method = "GET", .path = "/backend-api/wham/settings/user", .action = Action::kAccountSettings},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/tooling-state/", .action = Action::kAccountSettings},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/installed", .action = Action::kPlugins},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/suggested/", .action = Action::kPluginSuggestions},
    RouteRow{.method = "GET", .path = "/backend-api/wham/security-setup", .action = Action::kAccountSettings},
    RouteRow{.method = "POST",
             .path = "/backend-api/codex/analytics-events/events",  // what it tells of itself goes nowhere
             .action = Action::kAccountSettings},
    RouteRow{.method = "POST", .path = "/backend-api/ps/mcp", .action = Action::kToolServer, .needs_key = false},
};

constexpr std::array<std::string_view, 2> kBackendBases = {"/backend-api/codex", "/backend-api"};

// Newest first: clients send several of them while they move from one to the next.
constexpr std::array<std::string_view, 4> kSessionHeaders = {"thread-id", "session-id", "session_id",
                                                             "conversation_id"};

}  // namespace

std::span<const RouteRow> Routes() { return kRows; }

std::span<const std::string_view> BackendBases() { return kBackendBases; }

std::string_view SessionHeader(const HeaderLookup& header) {
  // A thread that works for another one is spoken to in words that are sealed for the account of that one; the session
  // is the same for all of them.
  if (!header("x-codex-parent-thread-id").empty() && !header("session-id").empty()) return "session-id";
  return FirstThatIsThere(kSessionHeaders, header);
}

}  // namespace patchbay::frontend::openai_responses
