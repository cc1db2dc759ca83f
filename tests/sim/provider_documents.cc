// What the backend answers with one JSON document: the search that a client does by itself, and summaries of traces
// (codex-wire §11.3, §11.4).
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/text.h"
#include "tests/sim/catalog.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kDocumentDepthMax = 64;

std::optional<Reply> CheckModelOf(const json::object& request, std::string_view plan) {
  const auto model = StringAt(request, "model");
  if (!model) return MissingParameter("model");
  const auto& known = KnownModels();
  if (std::find(known.begin(), known.end(), *model) != known.end() && PlanHas(plan, *model)) return std::nullopt;
  return DetailReply(
      400, "The '" + std::string(*model) + "' model is not supported when using Codex with a ChatGPT account.");
}

std::optional<Reply> CheckCommands(const json::object& commands) {
  return RefuseUnknownKeys(commands,
                           {"search_query", "image_query", "open", "click", "find", "screenshot", "finance", "weather",
                            "sports", "time", "response_length"},
                           "commands");
}

std::optional<Reply> CheckSearch(const json::object& request, std::string_view plan) {
  static const std::vector<std::string_view> kKnown = {"id",       "model",    "reasoning",        "input",
                                                       "commands", "settings", "max_output_tokens"};
  for (const auto& member : request) {
    if (std::find(kKnown.begin(), kKnown.end(), member.key()) == kKnown.end()) return UnknownParameter(member.key());
  }
  if (!StringAt(request, "id")) return MissingParameter("id");
  if (auto refusal = CheckModelOf(request, plan)) return refusal;
  if (IsAbsent(request, "commands")) return std::nullopt;
  const json::object* commands = ObjectAt(request, "commands");
  return commands == nullptr ? InvalidType("commands", "an object") : CheckCommands(*commands);
}

std::optional<Reply> CheckTraces(const json::object& request, std::string_view plan) {
  static const std::vector<std::string_view> kKnown = {"model", "traces", "reasoning"};
  for (const auto& member : request) {
    if (std::find(kKnown.begin(), kKnown.end(), member.key()) == kKnown.end()) return UnknownParameter(member.key());
  }
  if (auto refusal = CheckModelOf(request, plan)) return refusal;
  return ArrayAt(request, "traces") == nullptr ? std::optional(MissingParameter("traces")) : std::nullopt;
}

// The first query that was asked; it may carry a marker.
std::string QueryOf(const json::object& request) {
  const json::object* commands = ObjectAt(request, "commands");
  const json::array* queries = commands == nullptr ? nullptr : ArrayAt(*commands, "search_query");
  const json::object* first = queries == nullptr || queries->empty() ? nullptr : (*queries)[0].if_object();
  return first == nullptr ? "" : std::string(StringAt(*first, "q").value_or(""));
}

json::object Found(std::string_view query) {
  return {
      {"output", "Results for: " + std::string(query)},
      {"results", json::array{json::object{
                      {"ref_id", "turn0search0"}, {"title", "A simulated page"}, {"url", "https://example.com/"}}}}};
}

json::object Summaries(const json::array& traces) {
  json::array output;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    output.push_back(json::object{{"trace_summary", "trace " + std::to_string(i)}, {"memory_summary", "remembered"}});
  }
  return {{"output", std::move(output)}};
}

}  // namespace

void Provider::Document(const Request& request, Plan& plan, long long now, bool search) {
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
  if (!EqualsIgnoreCase(request.Find("content-type").substr(0, 16), "application/json"))
    return refuse(DetailReply(415, "Unsupported Media Type"));
  if (request.Find("accept") != "*/*") return refuse(DetailReply(406, "Not Acceptable"));
  json::parse_options options;
  options.max_depth = kDocumentDepthMax;
  json::error_code error;
  const json::value document = json::parse(request.body, error, {}, options);
  const json::object* body = error ? nullptr : document.if_object();
  if (body == nullptr) return refuse(DetailReply(400, "Request body must be a JSON object"));
  if (auto refusal = search ? CheckSearch(*body, account.plan) : CheckTraces(*body, account.plan))
    return refuse(std::move(*refusal));

  MarkedText query = ParseMarker(search ? QueryOf(*body) : "");
  Result<Scenario> scenario = Canonical(query.scenario.value_or(Scenario{}));
  if (auto standing = TakeTurn(account.scenario)) scenario = std::move(*standing);
  if (!scenario.ok()) return refuse(DetailReply(400, scenario.error().message));
  plan.entry->scenario = scenario->name;
  plan.head_delay = std::chrono::milliseconds(std::max(0LL, scenario->Number("head_ms")));
  if (const auto until = ExhaustedUntil(account, now); until && scenario->name != "status")
    scenario = Scenario{"status", {{"kind", "usage_limit_reached"}, {"resets_in", std::to_string(*until - now)}}};
  if (scenario->name == "status") return refuse(*RefusalFor(*scenario, account.plan, now));
  if (scenario->Text("at") == "head") {
    plan.mishap = scenario->name == "cut" ? Mishap::kDrop : scenario->name == "rst" ? Mishap::kReset : Mishap::kStall;
    return;
  }
  plan.reply.body = json::serialize(search ? Found(query.text) : Summaries(*ArrayAt(*body, "traces")));
  // Half of it, and then what the scenario says; `eof` ends there as if it were whole.
  const std::map<std::string_view, Act> acts = {
      {"cut", Act::kCut}, {"rst", Act::kReset}, {"stall", Act::kStall}, {"hold", Act::kHold}};
  const auto act = acts.find(scenario->name);
  if (act != acts.end() || scenario->name == "eof" || scenario->Has("encoding")) {
    plan.streams = true;
    plan.script.bytes = std::move(plan.reply.body);
    const std::size_t half = plan.script.bytes.size() / 2;
    if (scenario->name == "eof") plan.script.bytes.resize(half);
    if (act != acts.end()) plan.script.marks.push_back({half, act->second, {}, std::string(scenario->Text("key"))});
  }
  Encode(plan, scenario->Text("encoding"));
  AddCookies(plan.reply, account);
  Dress(plan, &account, now);
}

}  // namespace patchbay::sim
