#include "workers/frontend/dialects/openai_responses/face.h"

#include <array>

#include "workers/frontend/dialects/dialect.h"
#include "workers/frontend/dialects/openai_responses/backends.h"

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
};

// Newest first: clients send several of them while they move from one to the next.
constexpr std::array<std::string_view, 4> kSessionHeaders = {"thread-id", "session-id", "session_id",
                                                             "conversation_id"};

}  // namespace

std::span<const RouteRow> Routes() { return kRows; }

std::string_view SessionHeader(const HeaderLookup& header) {
  if (const std::string_view own = SessionHeaderOfBackends(header); !own.empty()) return own;
  return FirstThatIsThere(kSessionHeaders, header);
}

}  // namespace patchbay::frontend::openai_responses
