#include "workers/frontend/dialects/openai_responses/codex/face.h"

#include <array>

#include "lib/wire/url.h"
#include "workers/frontend/dialects/openai_responses/codex/model_catalog.h"
#include "workers/frontend/dialects/openai_responses/codex/quota.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

constexpr std::array kRows = {
    // Its own place for its list of models.
    RouteRow{.method = "GET", .path = "/backend-api/codex/models", .action = Action::kListModels},
    // What a ChatGPT login makes it ask; the server of tools it asks without a key.
    RouteRow{.method = "GET", .path = "/backend-api/wham/accounts/check", .action = Action::kWorkspaces},
    RouteRow{.method = "GET", .path = "/backend-api/wham/settings/user", .action = Action::kAccountSettings},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/tooling-state/", .action = Action::kAccountSettings},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/installed", .action = Action::kPlugins},
    RouteRow{.method = "GET", .path = "/backend-api/ps/plugins/suggested/", .action = Action::kPluginSuggestions},
    RouteRow{.method = "GET", .path = "/backend-api/wham/security-setup", .action = Action::kAccountSettings},
    RouteRow{.method = "POST",
             .path = "/backend-api/codex/analytics-events/events",  // what it tells of itself goes nowhere
             .action = Action::kAccountSettings},
    // What is left of its quota, which its status line and /status read: below the base of a login, and without one
    // (codex-wire §11.8).
    RouteRow{.method = "GET", .path = "/backend-api/wham/usage", .action = Action::kQuota},
    RouteRow{.method = "GET", .path = "/backend-api/codex/usage", .action = Action::kQuota},
    RouteRow{.method = "GET", .path = "/api/codex/usage", .action = Action::kQuota},
    RouteRow{.method = "GET", .path = "/wham/usage", .action = Action::kQuota},
    RouteRow{.method = "GET", .path = "/backend-api/wham/rate-limit-reset-credits", .action = Action::kResetCredits},
    RouteRow{.method = "GET", .path = "/api/codex/rate-limit-reset-credits", .action = Action::kResetCredits},
    RouteRow{.method = "GET", .path = "/wham/rate-limit-reset-credits", .action = Action::kResetCredits},
    RouteRow{.method = "POST", .path = "/backend-api/wham/rate-limit-reset-credits/consume", .action = Action::kRedeem},
    RouteRow{.method = "POST", .path = "/api/codex/rate-limit-reset-credits/consume", .action = Action::kRedeem},
    RouteRow{.method = "POST", .path = "/wham/rate-limit-reset-credits/consume", .action = Action::kRedeem},
    RouteRow{.method = "POST", .path = "/backend-api/ps/mcp", .action = Action::kToolServer, .needs_key = false},
};

// Where it sends everything that has a row marked so.
constexpr std::array<std::string_view, 2> kBases = {"/backend-api/codex", "/backend-api"};

bool WantsCatalog(std::string_view query) { return !wire::QueryValue(query, "client_version").empty(); }

class Face final : public Dialect {
 public:
  std::string_view name() const override { return "chatgpt"; }
  std::span<const RouteRow> routes() const override { return kRows; }
  std::span<const std::string_view> further_bases() const override { return kBases; }
  // It asks every list of models so.
  bool Claims(const HeaderLookup&, std::string_view query) const override { return WantsCatalog(query); }
  Result<Answer> EncodeModels(const ModelListQuestion& question,
                              const accounts::v1::ListModelsReply& models) const override {
    if (!WantsCatalog(question.query)) return Dialect::EncodeModels(question, models);
    return AnswerModelCatalog(models, question.if_none_match);
  }
  Result<DecodedCall> Decode(DialectRequest) const override {
    return Error(ErrorCode::kUnsupported, "no call has a path of this dialect").From(Origin::kClient);
  }
  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
  Answer EncodeQuota(const QuotaQuestion& question, const accounts::v1::PoolQuota* pool) const override {
    return JsonAnswer(UsageJson(UsageOwnerOf(question), pool, question.now));
  }
};

}  // namespace

std::unique_ptr<Dialect> MakeFace() { return std::make_unique<Face>(); }

}  // namespace patchbay::frontend::openai_responses::codex
