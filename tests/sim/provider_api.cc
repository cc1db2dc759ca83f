// The provider's other face: the public API, with keys instead of logins. Chat Completions, Responses and the list of
// models (client-protocols B, C), where the backend's own paths stay in provider.cc.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/text.h"
#include "tests/sim/chat/answer_chat.h"
#include "tests/sim/chat/models.h"
#include "tests/sim/chat/validate_chat.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kApiDepthMax = 256;
constexpr long long kRequestsPerMinute = 5000;
constexpr long long kTokensPerMinute = 2'000'000;
constexpr std::string_view kNoKey =
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. "
    "Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from "
    "your "
    "browser and are prompted for a username and password.";

// "sk-sim-…wxyz": as much of a key as the real one says again.
std::string Masked(std::string_view key) {
  if (key.size() <= 12) return std::string(key.substr(0, 2)) + "****";
  return std::string(key.substr(0, 8)) + std::string(key.size() - 12, '*') + std::string(key.substr(key.size() - 4));
}

// The key by any of the headers that real providers take it from (providers §1).
std::string_view KeyOf(const Request& request) {
  const std::string_view authorization = request.Find("authorization");
  if (authorization.size() > 7 && EqualsIgnoreCase(authorization.substr(0, 7), "bearer "))
    return authorization.substr(7);
  return request.Find("api-key");
}

long long Remaining(long long limit, const Window& window) {
  return static_cast<long long>(static_cast<double>(limit) * (100 - std::min(100.0, window.used_percent)) / 100);
}

void AddLimitHeaders(Reply& reply, const Account& account, long long now) {
  const auto add = [&](std::string_view name, std::string_view of, const std::string& value) {
    reply.AddHeader("x-ratelimit-" + std::string(name) + "-" + std::string(of), value);
  };
  add("limit", "requests", std::to_string(kRequestsPerMinute));
  add("limit", "tokens", std::to_string(kTokensPerMinute));
  add("remaining", "requests", std::to_string(Remaining(kRequestsPerMinute, account.primary)));
  add("remaining", "tokens", std::to_string(Remaining(kTokensPerMinute, account.primary)));
  const long long wait = std::max(0LL, account.primary.reset_at - now);
  add("reset", "requests", std::to_string(wait) + "s");
  add("reset", "tokens", std::to_string(wait / 60) + "m" + std::to_string(wait % 60) + "s");
}

// Too many in a minute, or, in the longer window, all that was paid for.
std::optional<Reply> RefuseExhausted(const Account& account, long long now) {
  if (account.secondary.used_percent >= 100 && account.secondary.reset_at > now)
    return RefusalFor(Scenario{"status", {{"kind", "insufficient_quota"}}}, account.plan, now);
  if (account.primary.used_percent < 100 || account.primary.reset_at <= now) return std::nullopt;
  return RefusalFor(
      Scenario{"status",
               {{"kind", "rate_limit_exceeded"}, {"retry_after", std::to_string(account.primary.reset_at - now)}}},
      account.plan, now);
}

bool EndsItself(const Scenario& scenario) {
  return scenario.name == "cut" || scenario.name == "rst" || scenario.name == "stall";
}

Mishap MishapOf(const Scenario& scenario) {
  if (scenario.name == "cut") return Mishap::kDrop;
  return scenario.name == "rst" ? Mishap::kReset : Mishap::kStall;
}

}  // namespace

// In the real order: the key, then the body's form, then what stands in it.
Account* Provider::AdmitKey(const Request& request, Plan& plan, long long now) {
  const std::string_view key = KeyOf(request);
  Account* account = key.empty() ? nullptr : accounts_.FindByKey(key);
  if (account == nullptr) {
    plan.reply = key.empty() ? ApiErrorReply(401, kNoKey, "invalid_request_error", "", "")
                             : ApiErrorReply(401,
                                             "Incorrect API key provided: " + Masked(key) +
                                                 ". You can find your API key at https://platform.openai.com/"
                                                 "account/api-keys.",
                                             "invalid_request_error", "", "invalid_api_key");
    AddEdgeHeaders(plan.reply, run_id_ + std::to_string(plan.entry->seq));
    return nullptr;
  }
  ++account->requests;
  plan.entry->account_id = account->id;
  (void)ExhaustedUntil(*account, now);  // a window whose time has come starts anew
  return account;
}

void Provider::ApiModelList(const Request& request, Plan& plan, long long now) {
  Account* account = AdmitKey(request, plan, now);
  if (account == nullptr) return;
  if (const auto scenario = TakeTurn(account->models_scenario)) {
    plan.entry->scenario = scenario->name;
    plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario->Number("head_ms")));
    if (scenario->name == "models_stall") plan.mishap = Mishap::kStall;
    if (scenario->name == "models_status") {
      if (auto refusal = RefusalFor(*scenario, account->plan, now)) plan.reply = std::move(*refusal);
      return AddEdgeHeaders(plan.reply, run_id_ + std::to_string(plan.entry->seq));
    }
  }
  json::array data;
  for (const ApiModel& model : ApiModels()) {
    data.push_back(json::object{{"id", model.id}, {"object", "model"}, {"created", 1787000000}, {"owned_by", "sim"}});
  }
  plan.reply.body = json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}});
  AddEdgeHeaders(plan.reply, run_id_ + std::to_string(plan.entry->seq));
}

void Provider::ApiGenerate(const Request& request, Plan& plan, long long now, bool chat) {
  Account* account = AdmitKey(request, plan, now);
  if (account == nullptr) return;
  const auto refuse = [&](Reply reply) {
    plan.reply = std::move(reply);
    AddLimitHeaders(plan.reply, *account, now);
    AddEdgeHeaders(plan.reply, run_id_ + std::to_string(plan.entry->seq));
  };
  if (!EqualsIgnoreCase(request.Find("content-type").substr(0, 16), "application/json"))
    return refuse(ApiErrorReply(415, "Unsupported content type.", "invalid_request_error", "", ""));
  json::parse_options options;
  options.max_depth = kApiDepthMax;
  json::error_code error;
  json::value document = json::parse(request.body, error, {}, options);
  json::object* body = error ? nullptr : document.if_object();
  if (body == nullptr)
    return refuse(ApiErrorReply(400,
                                "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
                                "using your HTTP library correctly.)",
                                "invalid_request_error", "", ""));
  const ApiModel* model = FindApiModel(StringAt(*body, "model").value_or(""));
  json::object seen;
  if (chat) {
    if (auto refusal = ValidateChat(document)) return refuse(std::move(*refusal));
    seen = AsResponses(*body);
  } else {
    if (IsAbsent(*body, "model")) return refuse(MissingParameter("model"));
    if (model == nullptr || !model->responses) return refuse(ModelNotFound(StringAt(*body, "model").value_or("")));
    if (const auto text = StringAt(*body, "input"))
      (*body)["input"] = json::array{json::object{{"role", "user"}, {"content", *text}}};
    const Caller caller{account->id, false, {}, model};
    if (auto refusal = ValidateResponses(*body, caller)) return refuse(std::move(*refusal));
    seen = *body;
  }
  const Prompt prompt = ReadPrompt(seen);
  Result<Scenario> scenario = Canonical(ChooseScenario(seen, prompt));
  if (!scenario.ok()) return refuse(InvalidRequest(scenario.error().message, "", ""));
  std::optional<ScriptedReply> scripted;
  if (auto standing = TakeTurn(account->scenario)) {
    scenario = Combine(std::move(*standing), prompt.marker);
  } else if (auto refusal = RefuseExhausted(*account, now)) {
    return refuse(std::move(*refusal));
  } else if ((scripted = scripted_.Take(request.body))) {
    scenario = scripted->delivery;
  }
  plan.entry->scenario = scripted ? "scripted" : scenario->name;
  plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario->Number("head_ms")));
  plan.close = scenario->Flag("close");
  if (scenario->name == "status") return refuse(*RefusalFor(*scenario, account->plan, now));
  const bool streams = TrueAt(*body, "stream");
  if (scenario->Text("at") == "head" || (!streams && EndsItself(*scenario))) {
    plan.mishap = MishapOf(*scenario);
    return;
  }
  account->primary.used_percent = std::min(100.0, account->primary.used_percent + account->used_per_request);
  Facts facts;
  facts.request = body;
  facts.account_id = account->id;
  facts.id = run_id_ + std::to_string(100'000'000 + plan.entry->seq);
  facts.created_at = now;
  facts.input_tokens = std::max<long long>(1, static_cast<long long>(request.body.size() / 4));
  facts.cached_tokens = std::clamp(scenario->Number("cached"), 0LL, facts.input_tokens);
  Result<Script> script =
      !chat      ? (scripted ? RenderScripted(facts, *scripted) : Result<Script>(Render(facts, *scenario, prompt)))
      : scripted ? RenderScriptedChat(facts, seen, *model, *scripted)
                 : Result<Script>(RenderChat(facts, seen, *model, *scenario, prompt));
  if (!script.ok()) return refuse(InvalidRequest(script.error().message, "", ""));
  if (!streams || scenario->Flag("document")) return refuse(chat ? WholeChat(*script) : WholeResponse(*script));
  plan.streams = true;
  plan.script = std::move(*script);
  plan.reply.content_type = chat ? "text/event-stream" : "text/event-stream; charset=utf-8";
  plan.reply.AddHeader("openai-version", "2020-10-01");
  plan.reply.AddHeader("openai-processing-ms", "12");
  AddLimitHeaders(plan.reply, *account, now);
  AddEdgeHeaders(plan.reply, run_id_ + std::to_string(plan.entry->seq));
  Encode(plan, scenario->Text("encoding"));
}

}  // namespace patchbay::sim
