// The token endpoint: refresh tokens rotate, each is good for one use (codex-wire §14.4).
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "lib/base/encoding.h"
#include "tests/sim/jwt.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"

namespace patchbay::sim {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

std::string DecodeForm(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0) {
      out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Fields ParseForm(std::string_view body) {
  Fields fields;
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(pair.size() + 1, body.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    fields[DecodeForm(pair.substr(0, equals))] = DecodeForm(pair.substr(equals + 1));
  }
  return fields;
}

std::optional<Fields> ParseFields(const Request& request) {
  const std::string_view type = request.Find("content-type");
  if (type.substr(0, 33) == "application/x-www-form-urlencoded") return ParseForm(request.body);
  if (type.substr(0, 16) != "application/json") return std::nullopt;
  json::error_code error;
  const json::value document = json::parse(request.body, error);
  const json::object* object = error ? nullptr : document.if_object();
  if (object == nullptr) return std::nullopt;
  Fields fields;
  for (const auto& [key, value] : *object) {
    if (value.is_string()) fields[std::string(key)] = std::string(value.get_string());
  }
  return fields;
}

std::string_view Field(const Fields& fields, std::string_view name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string_view{} : std::string_view(it->second);
}

Reply InvalidGrant(std::string_view description) {
  Reply reply;
  reply.status = 400;
  reply.body = "{\"error\":\"invalid_grant\",\"error_description\":";
  AppendJsonString(reply.body, description);
  reply.body += '}';
  return reply;
}

Reply RefreshRefusal(std::string_view code) {
  std::string_view message =
      "Your refresh token has already been used to generate a new access token. Please try signing in again.";
  if (code == "refresh_token_expired") message = "Your refresh token has expired. Please try signing in again.";
  if (code == "refresh_token_invalidated")
    message = "Your refresh token has been invalidated. Please try signing in again.";
  return ApiErrorReply(401, message, "invalid_request_error", "", code);
}

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

// True when the scenario has decided the answer, and the tokens stay as they are.
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

}  // namespace

void HandleToken(Accounts& accounts, const Request& request, Plan& plan, long long now) {
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
