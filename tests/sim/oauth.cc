// The token endpoint: refresh tokens rotate, each is good for one use (codex-wire §14.4). Codes go to the login desk.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/sim/form.h"
#include "tests/sim/jwt.h"
#include "tests/sim/login_desk.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"

namespace patchbay::sim {

Reply InvalidGrant(std::string_view description) {
  Reply reply;
  reply.status = 400;
  reply.body = "{\"error\":\"invalid_grant\",\"error_description\":";
  AppendJsonString(reply.body, description);
  reply.body += '}';
  return reply;
}

namespace {

Reply RefreshRefusal(std::string_view code) {
  std::string_view message =
      "Your refresh token has already been used to generate a new access token. Please try signing in again.";
  if (code == "refresh_token_expired") message = "Your refresh token has expired. Please try signing in again.";
  if (code == "refresh_token_invalidated")
    message = "Your refresh token has been invalidated. Please try signing in again.";
  return ApiErrorReply(401, message, "invalid_request_error", "", code);
}

}  // namespace

Reply TokenReply(const Account& account) {
  Reply reply;
  reply.body = json::serialize(json::object{{"id_token", account.id_token},
                                            {"access_token", account.access_token},
                                            {"refresh_token", account.refresh_token},
                                            {"token_type", "Bearer"},
                                            {"expires_in", account.expires_in_s},
                                            {"scope", "openid profile email offline_access"}});
  reply.AddHeader("cache-control", "no-store");
  return reply;
}

bool PlayRefreshScenario(const Scenario& scenario, Account& account, Plan& plan, long long now) {
  plan.entry->scenario = scenario.name;
  plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario.Number("head_ms")));
  const auto refuse = [&](Reply reply) {
    ++account.refused_refreshes;
    plan.reply = std::move(reply);
    return true;
  };
  if (scenario.name == "refresh_expired") return refuse(RefreshRefusal("refresh_token_expired"));
  if (scenario.name == "refresh_invalidated") return refuse(RefreshRefusal("refresh_token_invalidated"));
  if (scenario.name == "refresh_reused") return refuse(RefreshRefusal("refresh_token_reused"));
  if (scenario.name == "refresh_status") {
    Scenario status = scenario;
    status.params.try_emplace("code", "500");
    auto reply = RefusalFor(status, account.plan, now);
    return refuse(reply ? std::move(*reply) : DetailReply(500, "Internal Server Error"));
  }
  if (scenario.name == "refresh_stall") {
    plan.mishap = Mishap::kStall;
    return true;
  }
  return false;
}

void HandleToken(Accounts& accounts, LoginDesk& desk, const Request& request, Plan& plan, long long now) {
  const auto fields = ParseFields(request);
  if (!fields) {
    plan.reply =
        ApiErrorReply(400, "The request body could not be read.", "invalid_request_error", "", "invalid_request");
    return;
  }
  if (Field(*fields, "client_id") != kClientId) {
    plan.reply = ApiErrorReply(401, "Invalid client.", "invalid_request_error", "", "invalid_client");
    return;
  }
  if (Field(*fields, "grant_type") == "authorization_code") return desk.Exchange(request, *fields, plan, now);
  if (Field(*fields, "grant_type") != "refresh_token") {
    plan.reply = ApiErrorReply(400, "Unsupported grant type.", "invalid_request_error", "", "unsupported_grant_type");
    return;
  }
  const std::string_view token = Field(*fields, "refresh_token");
  Account* owner = accounts.OwnerOfRefreshToken(token);
  std::optional<Scenario> scenario;
  if (owner != nullptr) {
    plan.entry->account_id = owner->id;
    scenario = TakeTurn(owner->refresh_scenario);
    if (scenario && PlayRefreshScenario(*scenario, *owner, plan, now)) return;
  }
  const Accounts::Refreshed refreshed = accounts.Refresh(token, now);
  if (refreshed.account == nullptr) {
    plan.reply = refreshed.code == "invalid_grant" ? InvalidGrant("The refresh token is unknown.")
                                                   : RefreshRefusal(refreshed.code);
    return;
  }
  // The worst moment to lose the connection: the old token is spent, the new one did not arrive.
  if (scenario && scenario->name == "refresh_lost") plan.mishap = Mishap::kDrop;
  plan.reply = TokenReply(*refreshed.account);
}

}  // namespace patchbay::sim
