// The provider's side of the WebSocket transport: who may open one, and what a turn on it causes (codex-wire §10).
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/text.h"
#include "tests/sim/catalog.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"
#include "tests/sim/socket.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kFrameDepthMax = 256;

Reply PreviousResponseNotFound(std::string_view id) {
  return ApiErrorReply(400, "Previous response with id '" + std::string(id) + "' not found.", "invalid_request_error",
                       "previous_response_id", "previous_response_not_found");
}

Reply ConnectionLimitReached() {
  return ApiErrorReply(400,
                       "Responses websocket connection limit reached (60 minutes). Create a new websocket connection "
                       "to continue.",
                       "invalid_request_error", "", "websocket_connection_limit_reached");
}

void AddWindow(json::object& limits, std::string_view name, const Window& window, long long now) {
  limits[name] = json::object{{"used_percent", window.used_percent},
                              {"window_minutes", window.minutes},
                              {"reset_after_seconds", std::max(0LL, window.reset_at - now)},
                              {"reset_at", window.reset_at}};
}

// The frame that stands in for the quota headers of HTTP (codex-wire §6.4).
std::string RateLimitsFrame(const Account& account, long long now) {
  json::object limits{{"allowed", true}, {"limit_reached", false}};
  AddWindow(limits, "primary", account.primary, now);
  AddWindow(limits, "secondary", account.secondary, now);
  json::object frame{{"type", "codex.rate_limits"}, {"plan_type", account.plan}};
  frame["rate_limits"] = std::move(limits);
  frame["code_review_rate_limits"] = nullptr;
  const Credits& credits = account.credits;
  frame["credits"] = json::object{{"has_credits", credits.has},
                                  {"unlimited", credits.unlimited},
                                  {"balance", credits.has ? json::value(credits.balance) : json::value(nullptr)}};
  frame["promo"] = nullptr;
  frame["metered_limit_name"] = nullptr;
  frame["limit_name"] = nullptr;
  return json::serialize(frame);
}

bool IsMarkedLite(const json::object& frame) {
  const json::object* metadata = ObjectAt(frame, "client_metadata");
  return metadata != nullptr &&
         StringAt(*metadata, "ws_request_header_x_openai_internal_codex_responses_lite") == "true";
}

// Takes a member that only this transport knows out of the request.
std::optional<json::value> TakeMember(json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr) return std::nullopt;
  json::value value = *found;
  object.erase(key);
  return value;
}

}  // namespace

void Provider::Upgrade(const Request& request, Plan& plan, long long now) {
  if (!EqualsIgnoreCase(request.Find("upgrade"), "websocket")) {
    plan.reply.status = 405;
    plan.reply.content_type.clear();
    return;
  }
  Admission admission = Admit(request, now, Client::kUpgrade);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  if (admission.refusal) {
    plan.reply = std::move(*admission.refusal);
    return Dress(plan, nullptr, now);
  }
  Account& account = *admission.account;
  if (request.Find("openai-beta").find(kSocketBeta) == std::string_view::npos) {
    plan.reply = DetailReply(400, "Unsupported OpenAI-Beta for websockets");
    return Dress(plan, nullptr, now);
  }
  // Of a socket each message says so by itself (real-clients §7.1).
  if (!request.Find("x-openai-internal-codex-responses-lite").empty()) {
    plan.reply = DetailReply(400, "Unexpected header on upgrade: x-openai-internal-codex-responses-lite");
    return Dress(plan, nullptr, now);
  }
  if (account.scenario && account.scenario->scenario.Text("at") == "upgrade") {
    const Scenario scenario = *TakeTurn(account.scenario);
    plan.entry->scenario = scenario.name;
    plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario.Number("head_ms")));
    if (scenario.name == "status") {
      plan.reply = *RefusalFor(scenario, account.plan, now);
      return Dress(plan, &account, now);
    }
    plan.mishap = scenario.name == "cut" ? Mishap::kDrop : scenario.name == "rst" ? Mishap::kReset : Mishap::kStall;
    return;
  }
  plan.reply.status = 101;
  plan.reply.content_type.clear();
  plan.reply.AddHeader("x-reasoning-included", "true");
  plan.reply.AddHeader("x-models-etag", ModelsETag());
  AddCookies(plan.reply, account);
  Dress(plan, &account, now);
  plan.socket = std::make_shared<SocketMemory>();
  plan.socket->account_id = account.id;
}

Plan Provider::HandleFrame(SocketMemory& memory, std::string text, bool tls) {
  ++stats_.requests;
  const long long now = WallSeconds();
  Plan plan;
  Request request;
  request.method = "FRAME";
  request.target = "/backend-api/codex/responses";
  plan.entry = log_.Add(request, text, tls);
  plan.entry->account_id = memory.account_id;
  plan.reply.status = 200;
  Turn(memory, text, plan, now);
  plan.entry->status = plan.mishap == Mishap::kNone ? plan.reply.status : 0;
  if (plan.reply.status >= 400) {
    plan.frame = ErrorFrame(plan.reply);
    memory.response_id.clear();  // a failed turn leaves nothing to continue
    memory.items.clear();
  }
  return plan;
}

void Provider::Turn(SocketMemory& memory, const std::string& text, Plan& plan, long long now) {
  const auto refuse = [&](Reply reply) { plan.reply = std::move(reply); };
  json::parse_options options;
  options.max_depth = kFrameDepthMax;
  json::error_code error;
  json::value document = json::parse(text, error, {}, options);
  json::object* frame = error ? nullptr : document.if_object();
  if (frame == nullptr) return refuse(InvalidRequest("Invalid JSON in websocket message.", "", "invalid_json"));
  const json::value type = TakeMember(*frame, "type").value_or(nullptr);
  if (type == json::value("response.processed")) return;
  if (type != json::value("response.create")) {
    return refuse(
        InvalidValue("type", type.is_string() ? std::string_view(type.get_string()) : "", "'response.create'"));
  }
  Account* account = accounts_.Find(memory.account_id);
  if (account == nullptr) return refuse(AuthRefusal("token_revoked"));

  const json::value generate = TakeMember(*frame, "generate").value_or(true);
  if (!generate.is_bool()) return refuse(InvalidType("generate", "a boolean"));
  json::array input;
  if (const json::array* own = ArrayAt(*frame, "input")) input = *own;
  if (const auto previous = TakeMember(*frame, "previous_response_id"); previous && !previous->is_null()) {
    if (!previous->is_string()) return refuse(InvalidType("previous_response_id", "a string"));
    const std::string_view id = previous->get_string();
    if (memory.response_id.empty() || id != memory.response_id) return refuse(PreviousResponseNotFound(id));
    json::array whole = memory.items;
    whole.insert(whole.end(), input.begin(), input.end());
    input = std::move(whole);
  }
  const bool listed = ArrayAt(*frame, "input") != nullptr;
  // A warm-up may have nothing to answer yet; everything else must hold.
  const bool bare = listed && input.empty() && !generate.get_bool();
  if (listed) (*frame)["input"] = bare ? json::array{json::object{{"role", "developer"}, {"content", "-"}}} : input;
  if (auto refusal = Validate(document, Caller{account->id, IsMarkedLite(*frame)})) return refuse(std::move(*refusal));

  const Prompt prompt = ReadPrompt(*frame);
  Result<Scenario> scenario = generate.get_bool() ? Canonical(ChooseScenario(*frame, prompt)) : Scenario{};
  if (!scenario.ok()) return refuse(DetailReply(400, scenario.error().message));
  const bool waits_for_upgrade = account->scenario && account->scenario->scenario.Text("at") == "upgrade";
  std::optional<Scenario> standing;
  std::optional<ScriptedReply> scripted;
  if (!waits_for_upgrade) standing = TakeTurn(account->scenario);
  if (standing) {
    scenario = Combine(std::move(*standing), prompt.marker);
  } else if (const auto until = ExhaustedUntil(*account, now)) {
    scenario = Scenario{"status", {{"kind", "usage_limit_reached"}, {"resets_in", std::to_string(*until - now)}}};
  } else if (const ExtraLimit* limit = SpentLimitOf(*account, StringAt(*frame, "model").value_or(""), now)) {
    Reply spent = UsageLimitReached(account->plan, limit->primary.reset_at, limit->primary.reset_at - now);
    AddSpentLimitHeaders(spent, *account, *limit, now);
    return refuse(std::move(spent));
  } else if (generate.get_bool() && (scripted = scripted_.Take(text))) {
    scenario = scripted->delivery;
  }
  if (scenario->name == "ws_limit") {
    plan.entry->scenario = scenario->name;
    plan.close_code = 1000;
    return refuse(ConnectionLimitReached());
  }
  if (scenario->name == "ws_close") plan.close_code = static_cast<int>(scenario->Number("code", 1011));
  plan.first_frame = RateLimitsFrame(*account, now);
  if (generate.get_bool() || standing) {
    Play(*scenario, scripted ? &*scripted : nullptr, prompt, *frame, *account, text.size(), plan, now);
  } else {
    Facts facts;
    facts.request = frame;
    facts.account_id = account->id;
    facts.id = run_id_ + std::to_string(100'000'000 + plan.entry->seq);
    facts.created_at = now;
    ScriptWriter writer(facts, {}, {});
    writer.Start();
    writer.Complete(0, 0, true);
    plan.entry->scenario = "warm_up";
    plan.streams = true;
    plan.script = std::move(writer).Finish();
  }
  if (plan.streams) Remember(plan.script.bytes, std::move(input), memory);
}

}  // namespace patchbay::sim
