#include "tests/sim/control.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>

#include "lib/time/time_text.h"
#include "tests/sim/catalog.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kLogLimit = 1000;

long long UnixNow() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Reply JsonReply(const json::value& value, unsigned status = 200) {
  Reply reply;
  reply.status = status;
  reply.body = json::serialize(value) + "\n";
  return reply;
}

Reply Problem(unsigned status, std::string_view text) {
  return JsonReply(json::object{{"error", json::string(text)}}, status);
}

// An empty body is an empty object.
std::optional<json::object> BodyObject(const Request& request) {
  if (request.body.empty()) return json::object();
  json::error_code error;
  json::value value = json::parse(request.body, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::uint64_t NumberOf(std::string_view text, std::uint64_t fallback) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? number : fallback;
}

long long IntegerAt(const json::object& object, std::string_view key, long long fallback) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

json::value ScenarioToJson(const std::optional<StandingScenario>& standing) {
  if (!standing) return nullptr;
  json::object object{{"name", standing->scenario.name}, {"remaining", standing->remaining}};
  for (const auto& [key, value] : standing->scenario.params) object[key] = value;
  return object;
}

json::object WindowToJson(const Window& window) {
  return {{"used_percent", window.used_percent}, {"minutes", window.minutes}, {"reset_at", window.reset_at}};
}

json::object AccountToJson(const Account& account) {
  return {{"account_id", account.id},
          {"label", account.label},
          {"email", account.email},
          {"plan", account.plan},
          {"access_token", account.access_token},
          {"refresh_token", account.refresh_token},
          {"id_token", account.id_token},
          {"api_key", account.api_key},
          {"expires_at", account.expires_at},
          {"requests", account.requests},
          {"refreshes", account.refreshes},
          {"refused_refreshes", account.refused_refreshes},
          {"reused_refresh_tokens", account.reused_refresh_tokens},
          {"logins", account.logins},
          {"refused_exchanges", account.refused_exchanges},
          {"revocations", account.revocations},
          {"cookie_sent", "__cf_bm=" + account.cookie},
          {"last_cookie_received", account.last_cookie_received},
          {"scenario", ScenarioToJson(account.scenario)},
          {"refresh_scenario", ScenarioToJson(account.refresh_scenario)},
          {"primary", WindowToJson(account.primary)},
          {"secondary", WindowToJson(account.secondary)}};
}

// As the Codex CLI keeps its login (codex-wire §15), to be imported.
json::object AuthFile(const Account& account) {
  std::string time = Rfc3339(SystemClock().Now());
  time.insert(time.size() - 1, ".000000000");
  return {{"auth_mode", "chatgpt"},
          {"OPENAI_API_KEY", nullptr},
          {"tokens", json::object{{"id_token", account.id_token},
                                  {"access_token", account.access_token},
                                  {"refresh_token", account.refresh_token},
                                  {"account_id", account.id}}},
          {"last_refresh", json::string(time)}};
}

// {"<name>_used":n,"<name>_reset_in":s,"<name>_minutes":m}, each optional.
void SetWindow(const json::object& body, const std::string& name, long long now, Window& window) {
  if (const json::value* used = body.if_contains(name + "_used"); used != nullptr && used->is_number()) {
    window.used_percent = used->to_number<double>();
  }
  window.minutes = IntegerAt(body, name + "_minutes", window.minutes);
  const long long reset_in = IntegerAt(body, name + "_reset_in", -1);
  if (reset_in >= 0) window.reset_at = now + reset_in;
}

// {"credits":{…},"extra":[{…}],"reset_credits":n}, each optional.
void SetExtras(const json::object& body, long long now, Account& account) {
  if (const json::object* credits = ObjectAt(body, "credits")) {
    account.credits = {TrueAt(*credits, "has_credits"), TrueAt(*credits, "unlimited"),
                       std::string(StringAt(*credits, "balance").value_or("0"))};
  }
  if (const json::array* extra = ArrayAt(body, "extra")) {
    account.extra.clear();
    for (const json::value& entry : *extra) {
      const json::object* limit = entry.if_object();
      if (limit == nullptr) continue;
      ExtraLimit made{std::string(StringAt(*limit, "limit_name").value_or("")),
                      std::string(StringAt(*limit, "metered_feature").value_or("")),
                      std::string(StringAt(*limit, "model").value_or("")), Window{0, 300, now + 18'000}};
      SetWindow(*limit, "primary", now, made.primary);
      account.extra.push_back(std::move(made));
    }
  }
  const long long resets = IntegerAt(body, "reset_credits", -1);
  if (resets < 0) return;
  account.reset_credits.clear();
  for (long long i = 0; i < resets; ++i) {
    account.reset_credits.push_back({"rc_" + std::to_string(i + 1), now + 86'400, {}});
  }
}

}  // namespace

Plan Control::Handle(Request& request, bool) {
  Plan plan;
  plan.reply = Route(request);
  return plan;
}

Reply Control::Route(const Request& request) {
  const std::string_view path = request.path();
  const bool post = request.method == "POST";
  if (path == "/control/health") return JsonReply(json::object{{"ok", true}});
  if (path == "/control/stats") return OnStats();
  if (path == "/control/log" && request.method == "DELETE") {
    provider_.log().Clear();
    return JsonReply(json::object{{"last_seq", provider_.log().last_seq()}});
  }
  if (path == "/control/log") {
    Reply reply;
    reply.body =
        provider_.log().ToJson(NumberOf(request.Query("since"), 0), NumberOf(request.Query("limit"), kLogLimit)) + "\n";
    return reply;
  }
  const auto body = BodyObject(request);
  if (!body) return Problem(400, "the body is not a JSON object");
  if (path == "/control/reset" && post) return OnReset(*body);
  if (path == "/control/release" && post) {
    provider_.holds().Release(StringAt(*body, "key").value_or("default"));
    return JsonReply(json::object{{"released", true}});
  }
  if (path == "/control/login") return OnLogin(request.method, *body);
  if (path == "/control/login/finish" && post) {
    json::array redirects;
    for (const std::string& redirect : provider_.desk().Finish()) redirects.push_back(json::string(redirect));
    return JsonReply(json::object{{"redirects", std::move(redirects)}});
  }
  if (path == "/control/replies") return OnReplies(request.method, *body);
  if (path == "/control/accounts") return OnAccounts(request);
  constexpr std::string_view kPrefix = "/control/accounts/";
  if (path.substr(0, kPrefix.size()) != kPrefix) return Problem(404, "no such path");
  const std::string_view rest = path.substr(kPrefix.size());
  const std::string_view id = rest.substr(0, rest.find('/'));
  Account* account = provider_.accounts().Find(id);
  if (account == nullptr) return Problem(404, "no such account");
  return OnAccount(request, *account, id.size() == rest.size() ? std::string_view{} : rest.substr(id.size() + 1));
}

Reply Control::OnAccounts(const Request& request) {
  if (request.method != "POST") {
    json::array list;
    for (const auto& [id, account] : provider_.accounts().all()) list.push_back(AccountToJson(*account));
    return JsonReply(json::object{{"accounts", std::move(list)}});
  }
  const json::object body = *BodyObject(request);
  NewAccount wanted;
  wanted.label = StringAt(body, "label").value_or("");
  wanted.plan = StringAt(body, "plan").value_or(wanted.plan);
  wanted.api_key = StringAt(body, "api_key").value_or("");
  wanted.expires_in_s = IntegerAt(body, "expires_in_s", wanted.expires_in_s);
  const Account* account = provider_.accounts().Create(wanted, UnixNow());
  return account == nullptr ? Problem(429, "too many accounts, or the key is another's")
                            : JsonReply(AccountToJson(*account), 201);
}

Reply Control::OnAccount(const Request& request, Account& account, std::string_view action) {
  const json::object body = *BodyObject(request);
  if (action.empty()) {
    if (request.method != "DELETE") return JsonReply(AccountToJson(account));
    provider_.accounts().Remove(std::string(account.id));
    return JsonReply(json::object{{"removed", true}});
  }
  if (action == "scenario" && request.method == "DELETE") {
    account.scenario.reset();
    account.refresh_scenario.reset();
    account.models_scenario.reset();
    account.usage_scenario.reset();
    return JsonReply(AccountToJson(account));
  }
  if (action == "auth.json") return JsonReply(AuthFile(account));
  if (request.method != "POST") return Problem(405, "POST it");
  if (action == "scenario") {
    auto standing = ParseStanding(body);
    if (!standing.ok()) return Problem(400, standing.error().message);
    const std::string& name = standing->scenario.name;
    auto& place = IsRefreshScenario(name)  ? account.refresh_scenario
                  : IsModelsScenario(name) ? account.models_scenario
                  : IsUsageScenario(name)  ? account.usage_scenario
                                           : account.scenario;
    place = std::move(*standing);
  } else if (action == "usage") {
    SetWindow(body, "primary", UnixNow(), account.primary);
    SetWindow(body, "secondary", UnixNow(), account.secondary);
    if (const json::value* step = body.if_contains("per_request"); step != nullptr && step->is_number()) {
      account.used_per_request = step->to_number<double>();
    }
    account.plan = StringAt(body, "plan").value_or(account.plan);
    SetExtras(body, UnixNow(), account);
  } else if (action == "expire") {
    // The access token is from now on refused as expired; its refresh token is still good.
    account.expires_at = UnixNow();
  } else if (action == "rotate") {
    // As if another program had refreshed: whatever the gateway holds is spent.
    provider_.accounts().Rotate(account, UnixNow());
  } else if (action == "replace_key") {
    // As if its owner had revoked it and made another.
    provider_.accounts().ReplaceKey(account);
  } else {
    return Problem(404, "no such action");
  }
  return JsonReply(AccountToJson(account));
}

Reply Control::OnReplies(std::string_view method, const json::object& body) {
  if (method == "POST") {
    if (auto added = provider_.scripted().Add(body); !added.ok()) return Problem(400, added.error().message);
  } else if (method == "DELETE") {
    provider_.scripted().Clear();
  }
  return JsonReply(json::object{{"waiting", provider_.scripted().waiting()}});
}

// Who sits at the login page; DELETE: nobody.
Reply Control::OnLogin(std::string_view method, const json::object& body) {
  if (method != "POST") {
    provider_.desk().Seat(std::nullopt);
    provider_.others().Seat(std::nullopt);
    return JsonReply(json::object{{"seated", false}});
  }
  Person person{std::string(StringAt(body, "account_id").value_or("")), TrueAt(body, "denies"), TrueAt(body, "later")};
  if (provider_.accounts().Find(person.account_id) == nullptr) return Problem(404, "no such account");
  provider_.others().Seat(OtherPerson{person.account_id, person.denies, TrueAt(body, "sleeps"),
                                      static_cast<int>(IntegerAt(body, "slow", 0)), TrueAt(body, "other_nonce"),
                                      TrueAt(body, "no_copilot")});
  provider_.desk().Seat(std::move(person));
  return JsonReply(json::object{{"seated", true}});
}

Reply Control::OnReset(const json::object& body) {
  provider_.holds().Reset();
  provider_.scripted().Clear();
  provider_.desk().Clear();
  provider_.others().Clear();
  provider_.log().Clear();
  if (TrueAt(body, "accounts")) provider_.accounts().Clear();
  for (const auto& [id, account] : provider_.accounts().all()) {
    account->scenario.reset();
    account->refresh_scenario.reset();
    account->models_scenario.reset();
    account->usage_scenario.reset();
    Accounts::ResetWindows(*account, UnixNow());
  }
  return JsonReply(json::object{{"last_seq", provider_.log().last_seq()}});
}

Reply Control::OnStats() const {
  const Stats& stats = provider_.stats();
  json::object held;
  for (const auto& [key, count] : provider_.holds().Counts()) held[key] = count;
  return JsonReply(json::object{{"connections", stats.connections},
                                {"tls_handshakes", stats.tls_handshakes},
                                {"tls_resumptions", stats.tls_resumptions},
                                {"requests", stats.requests},
                                {"open_requests", stats.open_requests},
                                {"sockets", stats.sockets},
                                {"open_sockets", stats.open_sockets},
                                {"aborted_requests", stats.aborted_requests},
                                {"held", std::move(held)}});
}

}  // namespace patchbay::sim
