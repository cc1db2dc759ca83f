#include "tests/sim/other_desk.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/random.h"
#include "lib/base/sha256.h"
#include "lib/wire/url.h"
#include "tests/sim/login_desk.h"
#include "tests/sim/provider.h"

namespace patchbay::sim {

struct OtherDesk::Style {
  std::string_view name;
  std::string_view client_id;
  std::string_view authorize_path, token_path, device_path;
  std::string_view redirect_host;  // "http://127.0.0.1:"
  std::string_view scope;          // whole
  std::string_view more;           // "code=true", which the page wants besides
  bool nonce = false;
  bool json = false;        // bodies of the token endpoint; else forms
  bool with_state = false;  // the exchange repeats the state
  bool rotates = true;      // refresh tokens; else there are none
};

std::span<const OtherDesk::Style> OtherDesk::Styles() {
  static const Style kStyles[] = {
      {.name = "/grok",
       .client_id = "b1a00492-073a-47ea-816f-4c329264a828",
       .authorize_path = "/oauth2/authorize",
       .token_path = "/oauth2/token",
       .device_path = "/oauth2/device/code",
       .redirect_host = "http://127.0.0.1:",
       .scope = "openid profile email offline_access grok-cli:access api:access",
       .more = {},
       .nonce = true},
      {.name = "/anthropic",
       .client_id = "the-operators-own",
       .authorize_path = "/oauth/authorize",
       .token_path = "/v1/oauth/token",
       .device_path = {},
       .redirect_host = "http://localhost:",
       .scope = "org:create_api_key user:profile user:inference",
       .more = "code",
       .json = true,
       .with_state = true},
      {.name = "/kimi",
       .client_id = "17e5f671-d194-4dfb-9706-5516cb48c098",
       .authorize_path = {},
       .token_path = "/api/oauth/token",
       .device_path = "/api/oauth/device_authorization",
       .redirect_host = {},
       .scope = {},
       .more = {}},
      {.name = "/github",
       .client_id = "Iv1.b507a08c87ecfe98",
       .authorize_path = {},
       .token_path = "/login/oauth/access_token",
       .device_path = "/login/device/code",
       .redirect_host = {},
       .scope = "read:user",
       .more = {},
       .rotates = false},
  };
  return kStyles;
}

namespace {

constexpr std::string_view kSessionPath = "/github/copilot_internal/v2/token";
constexpr std::string_view kForm = "application/x-www-form-urlencoded", kJson = "application/json";
constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::size_t kChallengeLength = 43;
constexpr long long kSlower = 5;  // RFC 8628 §3.5

Reply ErrorReply(std::string_view code, unsigned status = 400) {
  Reply reply;
  reply.status = status;
  reply.body = json::serialize(json::object{{"error", code}});
  return reply;
}

// "http://127.0.0.1:PORT/callback".
bool IsRegistered(std::string_view uri, std::string_view host) {
  constexpr std::string_view kPath = "/callback";
  if (host.empty() || !uri.starts_with(host) || !uri.ends_with(kPath)) return false;
  uri.remove_prefix(host.size());
  uri.remove_suffix(std::min(uri.size(), kPath.size()));
  return !uri.empty() && uri.size() <= 5 && uri.find_first_not_of("0123456789") == std::string_view::npos;
}

template <class T>
void Remember(std::deque<T>& kept, T one) {
  kept.push_back(std::move(one));
  if (kept.size() > OtherDesk::kKeptMax) kept.pop_front();
}

std::string IdToken(const Account& account, std::string_view nonce, long long now) {
  json::object claims{{"sub", account.id}, {"email", account.email}, {"iat", now}, {"exp", now + account.expires_in_s}};
  if (!nonce.empty()) claims["nonce"] = nonce;
  return Base64UrlEncode(R"({"alg":"RS256","typ":"JWT"})") + "." + Base64UrlEncode(json::serialize(claims)) + "." +
         Base64UrlEncode(RandomBytes(32));
}

}  // namespace

void OtherDesk::Clear() {
  person_.reset();
  codes_.clear();
  devices_.clear();
}

bool OtherDesk::Handle(const Request& request, Plan& plan, long long now) {
  const std::string_view path = request.path();
  const bool post = request.method == "POST";
  const bool get = request.method == "GET";
  if (path == kSessionPath && get) return Session(request, plan), true;
  for (const Style& style : Styles()) {
    if (!path.starts_with(style.name)) continue;
    const std::string_view rest = path.substr(style.name.size());
    if (rest.empty()) return false;
    if (rest == style.authorize_path && get) return Authorize(style, request, plan), true;
    if (rest == style.device_path && post) return AskDevice(style, request, plan), true;
    if (rest == style.token_path && post) return Token(style, request, plan, now), true;
  }
  return false;
}

void OtherDesk::Authorize(const Style& style, const Request& request, Plan& plan) {
  const auto question = request.target.find('?');
  const Fields asked = question == std::string_view::npos ? Fields() : ParseForm(request.target.substr(question + 1));
  const std::string_view uri = Field(asked, "redirect_uri");
  const bool whole = person_ && Field(asked, "client_id") == style.client_id &&
                     Field(asked, "response_type") == "code" && IsRegistered(uri, style.redirect_host) &&
                     Field(asked, "code_challenge_method") == "S256" &&
                     Field(asked, "code_challenge").size() == kChallengeLength && !Field(asked, "state").empty() &&
                     Field(asked, "scope") == style.scope && style.nonce == !Field(asked, "nonce").empty() &&
                     (style.more.empty() || Field(asked, style.more) == "true");
  if (!whole) {
    plan.reply = ErrorReply("invalid_request");
    return;
  }
  const std::string state = "&state=" + wire::PercentEncode(Field(asked, "state"));
  std::string back(uri);
  if (person_->denies) {
    back += "?error=access_denied" + state;
  } else {
    Code code{.text = RandomId("oc_", 200),
              .style = std::string(style.name),
              .account_id = person_->account_id,
              .redirect_uri = std::string(uri),
              .challenge = std::string(Field(asked, "code_challenge")),
              .state = std::string(Field(asked, "state")),
              .nonce = person_->other_nonce ? "another" : std::string(Field(asked, "nonce"))};
    back += "?code=" + code.text + state;
    Remember(codes_, std::move(code));
  }
  plan.reply = Reply();
  plan.reply.status = 302;
  plan.reply.AddHeader("location", back);
}

void OtherDesk::AskDevice(const Style& style, const Request& request, Plan& plan) {
  const auto fields = ParseFields(request);
  if (!fields || !request.Find("content-type").starts_with(kForm) || Field(*fields, "client_id") != style.client_id ||
      Field(*fields, "scope") != style.scope) {
    plan.reply = ErrorReply("invalid_client");
    return;
  }
  Device device{.text = RandomId("dc_", 160), .style = std::string(style.name), .account_id = {}};
  if (person_) {
    device.account_id = person_->account_id;
    device.denied = person_->denies;
    device.expired = person_->sleeps;
    device.slow = person_->slow;
  }
  plan.reply.body = json::serialize(json::object{{"device_code", device.text},
                                                 {"user_code", "WDJB-MJHT"},
                                                 {"verification_uri", "https://login.example/device"},
                                                 {"interval", device.interval},
                                                 {"expires_in", 900}});
  Remember(devices_, std::move(device));
}

void OtherDesk::Token(const Style& style, const Request& request, Plan& plan, long long now) {
  const auto fields = ParseFields(request);
  if (!fields || Field(*fields, "client_id") != style.client_id) {
    plan.reply = ErrorReply("invalid_client", 401);
    return;
  }
  // Devices speak in forms wherever they are.
  const std::string_view grant = Field(*fields, "grant_type");
  const std::string_view type = style.json && grant != kDeviceGrant ? kJson : kForm;
  if (!request.Find("content-type").starts_with(type)) {
    plan.reply = ErrorReply("invalid_request");
  } else if (grant == "authorization_code") {
    Exchange(style, request, *fields, plan, now);
  } else if (grant == kDeviceGrant && !style.device_path.empty()) {
    Poll(style, *fields, plan, now);
  } else if (grant == "refresh_token" && style.rotates) {
    Renew(style, request, *fields, plan, now);
  } else {
    plan.reply = ErrorReply("unsupported_grant_type");
  }
}

void OtherDesk::Exchange(const Style& style, const Request&, const Fields& fields, Plan& plan, long long now) {
  const auto code = std::ranges::find(codes_, Field(fields, "code"), &Code::text);
  Account* account = code == codes_.end() ? nullptr : accounts_.Find(code->account_id);
  if (account == nullptr || code->style != style.name) {
    plan.reply = ErrorReply("invalid_grant");
    return;
  }
  plan.entry->account_id = account->id;
  const bool good = !code->used && Field(fields, "redirect_uri") == code->redirect_uri &&
                    Base64UrlEncode(Sha256(Field(fields, "code_verifier"))) == code->challenge &&
                    Field(fields, "state") == (style.with_state ? std::string_view(code->state) : std::string_view());
  code->used = true;
  if (!good) {
    ++account->refused_exchanges;
    plan.reply = ErrorReply("invalid_grant");
    return;
  }
  ++account->logins;
  GiveTokens(style, *account, code->nonce, plan, now);
}

void OtherDesk::Poll(const Style& style, const Fields& fields, Plan& plan, long long now) {
  const auto device = std::ranges::find(devices_, Field(fields, "device_code"), &Device::text);
  // GitHub says with 200 what others say with 400.
  const unsigned refused = style.rotates ? 400 : 200;
  if (device == devices_.end() || device->style != style.name) {
    plan.reply = ErrorReply("invalid_grant", refused);
    return;
  }
  const bool too_soon = device->asked_at != 0 && now - device->asked_at < device->interval;
  device->asked_at = now;
  if (too_soon || device->slow > 0) {
    device->slow = std::max(0, device->slow - 1);
    device->interval += kSlower;
    plan.reply = ErrorReply("slow_down", refused);
  } else if (device->expired) {
    plan.reply = ErrorReply("expired_token", refused);
  } else if (device->denied) {
    plan.reply = ErrorReply("access_denied", refused);
  } else if (Account* account = accounts_.Find(device->account_id); account == nullptr) {
    plan.reply = ErrorReply("authorization_pending", refused);
  } else {
    plan.entry->account_id = account->id;
    ++account->logins;
    devices_.erase(device);
    GiveTokens(style, *account, {}, plan, now);
  }
}

void OtherDesk::Renew(const Style& style, const Request&, const Fields& fields, Plan& plan, long long now) {
  const auto token = std::ranges::find(refreshes_, Field(fields, "refresh_token"), &Refresh::text);
  Account* account = token == refreshes_.end() ? nullptr : accounts_.Find(token->account_id);
  if (account == nullptr || token->style != style.name) {
    plan.reply = ErrorReply("invalid_grant");
    return;
  }
  plan.entry->account_id = account->id;
  if (const auto scenario = TakeTurn(account->refresh_scenario);
      scenario && PlayRefreshScenario(*scenario, *account, plan, now)) {
    return;
  }
  if (token->spent) {
    // Somebody has it who should not: the login ends.
    ++account->reused_refresh_tokens;
    std::erase_if(refreshes_, [id = account->id](const Refresh& refresh) { return refresh.account_id == id; });
    plan.reply = ErrorReply("invalid_grant");
    return;
  }
  token->spent = true;
  ++account->refreshes;
  GiveTokens(style, *account, {}, plan, now);
}

void OtherDesk::GiveTokens(const Style& style, Account& account, std::string_view nonce, Plan& plan, long long now) {
  plan.reply.AddHeader("cache-control", "no-store");
  if (!style.rotates) {
    Refresh login{RandomId("gho_", 180), std::string(style.name), account.id};
    plan.reply.body =
        json::serialize(json::object{{"access_token", login.text}, {"token_type", "bearer"}, {"scope", style.scope}});
    Remember(refreshes_, std::move(login));
    return;
  }
  accounts_.ReplaceKey(account);
  Refresh refresh{RandomId("rt_", 200), std::string(style.name), account.id};
  json::object tokens{{"access_token", account.api_key},
                      {"refresh_token", refresh.text},
                      {"token_type", "Bearer"},
                      {"expires_in", account.expires_in_s}};
  if (style.nonce) tokens["id_token"] = IdToken(account, nonce, now);
  plan.reply.body = json::serialize(tokens);
  Remember(refreshes_, std::move(refresh));
}

// The token of minutes: any number of them for one login.
void OtherDesk::Session(const Request& request, Plan& plan) {
  constexpr std::string_view kScheme = "token ";
  const std::string_view shown = request.Find("authorization");
  const auto login = shown.starts_with(kScheme)
                         ? std::ranges::find(refreshes_, shown.substr(kScheme.size()), &Refresh::text)
                         : refreshes_.end();
  Account* account = login == refreshes_.end() ? nullptr : accounts_.Find(login->account_id);
  if (account == nullptr || login->style != "/github") {
    plan.reply = ErrorReply("Bad credentials", 401);
    return;
  }
  plan.entry->account_id = account->id;
  if (request.Find("editor-version").empty() || request.Find("user-agent").empty()) {
    plan.reply = ErrorReply("forbidden", 403);
    return;
  }
  if (person_ && person_->account_id == account->id && person_->no_copilot) {
    plan.reply.status = 403;
    plan.reply.body = R"({"error_details":{"message":"No Copilot here","notification_id":"no_copilot_access"}})";
    return;
  }
  ++account->refreshes;
  accounts_.ReplaceKey(*account);
  plan.reply.body = json::serialize(json::object{
      {"token", account->api_key}, {"refresh_in", account->expires_in_s}, {"endpoints", json::object{{"api", ""}}}});
}

}  // namespace patchbay::sim
