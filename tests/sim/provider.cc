#include "tests/sim/provider.h"

#include <zstd.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "lib/base/random.h"
#include "lib/base/text.h"
#include "tests/sim/catalog.h"
#include "tests/sim/compress.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kJsonDepthMax = 256;
constexpr std::size_t kJsonArenaBytes = 16 * 1024;

bool ContainsIgnoringCase(std::string_view text, std::string_view part) {
  for (std::size_t i = 0; i + part.size() <= text.size(); ++i) {
    if (EqualsIgnoreCase(text.substr(i, part.size()), part)) return true;
  }
  return false;
}

// What the client reads (real-clients §7.1).
constexpr std::string_view kClientEncodings = "zstd,gzip";

// The version header is the one in the user agent, "codex_cli_rs/0.171.0 (…".
bool ClaimsVersion(const Request& request) {
  const std::string_view agent = request.Find("user-agent");
  const std::string_view behind = agent.substr(std::min(agent.find('/'), agent.size() - 1) + 1);
  const std::string_view version = behind.substr(0, behind.find(' '));
  return !version.empty() && request.Find("version") == version;
}

// False when it is no zstd or grows beyond the bound.
bool Decompress(std::string& body, std::size_t bytes_max, bool& too_large) {
  std::string out;
  ZSTD_DStream* stream = ZSTD_createDStream();
  ZSTD_inBuffer input{body.data(), body.size(), 0};
  std::string block(ZSTD_DStreamOutSize(), '\0');
  std::size_t left = 1;  // 0 at the end of a frame
  bool good = true;
  while (good && input.pos < input.size) {
    ZSTD_outBuffer output{block.data(), block.size(), 0};
    left = ZSTD_decompressStream(stream, &output, &input);
    too_large = out.size() + output.pos > bytes_max;
    good = ZSTD_isError(left) == 0 && !too_large;
    out.append(block, 0, output.pos);
  }
  ZSTD_freeDStream(stream);
  body = std::move(out);
  return good && left == 0;
}

}  // namespace

void Encode(Plan& plan, std::string_view coding) {
  const auto compressor = plan.streams ? Compressor::Create(coding) : nullptr;
  if (!compressor) return;
  Script& script = plan.script;
  std::string out;
  std::size_t at = 0;
  for (Mark& mark : script.marks) {
    out += compressor->Add(std::string_view(script.bytes).substr(at, mark.offset - at), false);
    at = mark.offset;
    mark.offset = out.size();
  }
  out += compressor->Add(std::string_view(script.bytes).substr(at), true);
  script.bytes = std::move(out);
  script.stamps.clear();
  plan.reply.AddHeader("content-encoding", coding);
}

long long WallSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<long long> ExhaustedUntil(Account& account, long long now) {
  std::optional<long long> until;
  const bool pays = account.credits.has || account.credits.unlimited;
  for (Window* window : {&account.primary, &account.secondary}) {
    if (window->used_percent < 100) continue;
    if (window->reset_at <= now) {
      window->used_percent = 0;
      window->reset_at = now + window->minutes * 60;
    } else {
      until = std::max(until.value_or(0), window->reset_at);
    }
  }
  if (pays) return std::nullopt;
  return until;
}

std::optional<Scenario> TakeTurn(std::optional<StandingScenario>& standing) {
  if (!standing) return std::nullopt;
  Scenario scenario = standing->scenario;
  if (standing->remaining > 0 && --standing->remaining == 0) standing.reset();
  return scenario;
}

Provider::Provider(std::size_t log_entries, std::size_t body_bytes_max)
    : log_(log_entries), body_bytes_max_(body_bytes_max), run_id_(RandomId("", 40)) {}

Plan Provider::Handle(Request& request, bool tls) {
  ++stats_.requests;
  const long long now = WallSeconds();
  Plan plan;
  bool readable = true;
  bool too_large = false;
  if (const std::string_view coding = request.Find("content-encoding"); coding == "zstd") {
    readable = Decompress(request.body, body_bytes_max_, too_large);
  } else if (!coding.empty() && coding != "identity") {
    readable = false;
  }
  plan.entry = log_.Add(request, request.body, tls);
  if (too_large) {
    plan.reply = DetailReply(413, "Payload Too Large");
  } else if (!readable) {
    plan.reply = DetailReply(400, "Invalid content encoding");
  } else {
    Route(request, plan, now);
  }
  plan.entry->status = plan.mishap == Mishap::kNone ? plan.reply.status : 0;
  return plan;
}

void Provider::Route(const Request& request, Plan& plan, long long now) {
  const std::string_view path = request.path();
  const bool post = request.method == "POST";
  const bool get = request.method == "GET";
  if (path == "/backend-api/codex/responses" && post) return Generate(request, plan, now);
  if (path == "/backend-api/codex/alpha/search" && post) return Document(request, plan, now, true);
  if (path == "/backend-api/codex/memories/trace_summarize" && post) return Document(request, plan, now, false);
  if (others_.Handle(request, plan, now)) return;
  if (path == "/oauth/token" && post) return HandleToken(accounts_, desk_, request, plan, now);
  if (path == "/oauth/authorize" && get) return desk_.Authorize(request, plan);
  if (path == "/oauth/revoke" && post) return desk_.Revoke(request, plan, now);
  if (path == "/api/accounts/deviceauth/usercode" && post) return desk_.DeviceCode(request, plan);
  if (path == "/api/accounts/deviceauth/token" && post) return desk_.DeviceToken(request, plan);
  if (path == "/backend-api/codex/models" && get) return Models(request, plan, now);
  if ((path == "/backend-api/wham/usage" || path == "/backend-api/codex/usage") && get)
    return Usage(request, plan, now);
  if (path == "/backend-api/wham/rate-limit-reset-credits" && get) return ResetCredits(request, plan, now);
  if (path == "/backend-api/wham/rate-limit-reset-credits/consume" && post) return Redeem(request, plan, now);
  if (path == "/backend-api/codex/responses" && get) return Upgrade(request, plan, now);
  if (path == "/v1/chat/completions" && post) return ApiGenerate(request, plan, now, true);
  if (path == "/v1/responses" && post) return ApiGenerate(request, plan, now, false);
  if (path == "/v1/models" && get) return ApiModelList(request, plan, now);
  if (path.starts_with("/v1/")) {
    plan.reply = ApiErrorReply(404, "Invalid URL (" + std::string(request.method) + " " + std::string(path) + ")",
                               "invalid_request_error", "", "");
    return;
  }
  plan.reply.status = 404;
  plan.reply.content_type.clear();
}

// In the real order: the front end looks for robots, then the gateway at the token, then at the account.
Provider::Admission Provider::Admit(const Request& request, long long now, Client client) {
  if (request.Find("originator").empty() || !ContainsIgnoringCase(request.Find("user-agent"), "codex")) {
    return {nullptr, ChallengePage()};
  }
  // No client that is what it says it is differs in these (real-clients §7.1).
  const bool versioned = client == Client::kElsewhere || ClaimsVersion(request);
  const std::string_view readable = client == Client::kUpgrade ? "" : kClientEncodings;
  if (!versioned || request.Find("accept-encoding") != readable) return {nullptr, ChallengePage()};
  const std::string_view authorization = request.Find("authorization");
  if (authorization.size() < 8 || !EqualsIgnoreCase(authorization.substr(0, 7), "bearer ")) {
    return {nullptr, AuthRefusal("unauthorized")};
  }
  const Accounts::TokenCheck check = accounts_.CheckAccessToken(authorization.substr(7), now);
  if (!check.refusal.empty()) return {check.account, AuthRefusal(check.refusal)};
  const std::string_view account_id = request.Find("chatgpt-account-id");
  if (account_id.empty()) return {check.account, AuthRefusal("unauthorized")};
  if (!EqualsIgnoreCase(account_id, check.account->id)) {
    return {check.account, DetailReply(403, "The token does not belong to this account")};
  }
  ++check.account->requests;
  if (const std::string_view cookie = request.Find("cookie"); !cookie.empty())
    check.account->last_cookie_received = cookie;
  return {check.account, std::nullopt};
}

void Provider::Generate(const Request& request, Plan& plan, long long now) {
  Admission admission = Admit(request, now, Client::kApi);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  if (admission.refusal) {
    plan.reply = std::move(*admission.refusal);
    return Dress(plan, nullptr, now);
  }
  Account& account = *admission.account;
  const auto refuse = [&](Reply reply) {
    plan.reply = std::move(reply);
    Dress(plan, &account, now);
  };
  if (!EqualsIgnoreCase(request.Find("content-type").substr(0, 16), "application/json")) {
    return refuse(DetailReply(415, "Unsupported Media Type"));
  }
  unsigned char arena[kJsonArenaBytes];
  json::monotonic_resource memory(arena, sizeof(arena));
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::error_code error;
  const json::value document = json::parse(request.body, error, &memory, options);
  if (error) return refuse(DetailReply(400, "Invalid JSON body: " + error.message()));
  const bool lite = request.Find("x-openai-internal-codex-responses-lite") == "true";
  if (auto refusal = Validate(document, Caller{account.id, lite, account.plan})) return refuse(std::move(*refusal));
  const json::object& body = document.get_object();
  const Prompt prompt = ReadPrompt(body);
  Result<Scenario> scenario = Canonical(ChooseScenario(body, prompt));
  if (!scenario.ok()) return refuse(DetailReply(400, scenario.error().message));
  if (auto standing = TakeTurn(account.scenario)) {
    scenario = Combine(std::move(*standing), prompt.marker);
  } else if (const auto until = ExhaustedUntil(account, now)) {
    scenario = Scenario{"status", {{"kind", "usage_limit_reached"}, {"resets_in", std::to_string(*until - now)}}};
  } else if (const ExtraLimit* limit = SpentLimitOf(account, StringAt(body, "model").value_or(""), now)) {
    plan.reply = UsageLimitReached(account.plan, limit->primary.reset_at, limit->primary.reset_at - now);
    AddSpentLimitHeaders(plan.reply, account, *limit, now);
    return Dress(plan, nullptr, now);
  } else if (auto scripted = scripted_.Take(request.body)) {
    Play(scripted->delivery, &*scripted, prompt, body, account, request.body.size(), plan, now);
    return Encode(plan, scripted->delivery.Text("encoding"));
  }
  Play(*scenario, nullptr, prompt, body, account, request.body.size(), plan, now);
  Encode(plan, scenario->Text("encoding"));
}

void Provider::Play(const Scenario& scenario, const ScriptedReply* scripted, const Prompt& prompt,
                    const json::object& body, Account& account, std::size_t body_bytes, Plan& plan, long long now) {
  plan.entry->scenario = scripted == nullptr ? scenario.name : "scripted";
  plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario.Number("head_ms")));
  plan.close = scenario.Flag("close");
  if (scenario.name == "status") {
    plan.reply = *RefusalFor(scenario, account.plan, now);
    if (plan.reply.body.find("usage_limit_reached") != std::string::npos) {
      AddExhaustedHeaders(plan.reply, account, now, now + scenario.Number("resets_in", 13540));
      return Dress(plan, nullptr, now);
    }
    return Dress(plan, &account, now);
  }
  if (scenario.Text("at") == "head") {
    plan.mishap = scenario.name == "cut" ? Mishap::kDrop : scenario.name == "rst" ? Mishap::kReset : Mishap::kStall;
    return;
  }
  account.primary.used_percent = std::min(100.0, account.primary.used_percent + account.used_per_request);
  Facts facts;
  facts.request = &body;
  facts.account_id = account.id;
  facts.id = run_id_ + std::to_string(100'000'000 + plan.entry->seq);
  facts.created_at = now;
  facts.input_tokens = std::max<long long>(1, static_cast<long long>(body_bytes / 4));
  facts.cached_tokens = std::clamp(scenario.Number("cached"), 0LL, facts.input_tokens);
  Result<Script> script = scripted == nullptr ? Render(facts, scenario, prompt) : RenderScripted(facts, *scripted);
  if (!script.ok()) {
    plan.reply = DetailReply(400, script.error().message);
    return Dress(plan, &account, now);
  }
  plan.streams = true;
  plan.script = std::move(*script);
  plan.reply.content_type = "text/event-stream; charset=utf-8";
  plan.reply.AddHeader("x-codex-turn-state", "ts." + facts.id);
  plan.reply.AddHeader("x-models-etag", ModelsETag(account.plan));
  plan.reply.AddHeader("x-reasoning-included", "true");
  plan.reply.AddHeader("openai-model", StringAt(body, "model").value_or(""));
  AddCookies(plan.reply, account);
  Dress(plan, &account, now);
}

// The headers that every answer of the provider has.
void Provider::Dress(Plan& plan, const Account* account, long long now) {
  if (account != nullptr) AddQuotaHeaders(plan.reply, *account, now);
  AddEdgeHeaders(plan.reply, run_id_ + std::to_string(100'000'000 + plan.entry->seq));
}

void Provider::Models(const Request& request, Plan& plan, long long now) {
  Admission admission = Admit(request, now, Client::kApi);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  if (admission.refusal) {
    plan.reply = std::move(*admission.refusal);
  } else if (request.Query("client_version").empty()) {
    plan.reply = DetailReply(400, "client_version is required");
  } else {
    if (const auto scenario = TakeTurn(admission.account->models_scenario)) {
      plan.entry->scenario = scenario->name;
      plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario->Number("head_ms")));
      if (scenario->name == "models_stall") plan.mishap = Mishap::kStall;
      if (scenario->name == "models_status") {
        auto refusal = RefusalFor(*scenario, admission.account->plan, now);
        plan.reply = refusal ? std::move(*refusal) : DetailReply(500, "Internal Server Error");
        return Dress(plan, nullptr, now);
      }
    }
    const std::string_view etag = ModelsETag(admission.account->plan);
    plan.reply.AddHeader("etag", etag);
    AddCookies(plan.reply, *admission.account);
    if (request.Find("if-none-match") == etag) {
      plan.reply.status = 304;
      plan.reply.content_type.clear();
    } else {
      plan.reply.body = ModelsDocument(request.Query("client_version"), admission.account->plan);
    }
  }
  Dress(plan, nullptr, now);
}

}  // namespace patchbay::sim
