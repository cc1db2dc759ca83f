#include "tests/sim/script.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

namespace patchbay::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kScriptReserve = 16 * 1024;
constexpr std::size_t kSpareBytesMax = 256 * 1024;
constexpr std::string_view kServerError =
    "An error occurred while processing your request. You can retry your request, or contact us through our help "
    "center if "
    "the error persists. Please include the request ID in your message.";

std::string_view MessageFor(std::string_view code) {
  if (code == "rate_limit_exceeded") {
    return "Rate limit reached for gpt-5.5 in organization org-x on tokens per min (TPM): Limit 30000, Used 22999, "
           "Requested 12528. Please try again in 11.054s. Visit the rate limits page to learn more.";
  }
  if (code == "server_is_overloaded" || code == "slow_down")
    return "Our servers are currently overloaded. Please try again later.";
  if (code == "context_length_exceeded") {
    return "Your input exceeds the context window of this model. Please adjust your input and try again.";
  }
  if (code == "insufficient_quota")
    return "You exceeded your current quota, please check your plan and billing details.";
  if (code == "usage_not_included") return "To use Codex with your ChatGPT plan, upgrade to Plus.";
  return kServerError;
}

void AppendMember(std::string& out, const json::object& request, std::string_view name, std::string_view fallback) {
  out += ",\"";
  out += name;
  out += "\":";
  const json::value* value = request.if_contains(name);
  value == nullptr ? out += fallback : out += json::serialize(*value);
}

}  // namespace

Delivery DeliveryFrom(const Scenario& scenario) {
  Delivery delivery;
  const std::string& name = scenario.name;
  delivery.crlf = name == "crlf" || scenario.Flag("crlf");
  delivery.comments = name == "comments" || scenario.Flag("comments");
  delivery.event_lines = name != "missing_event_lines" && scenario.Number("event_lines", 1) != 0;
  delivery.ascii = scenario.Flag("escapes");
  delivery.obfuscation = scenario.Flag("obfuscation");
  delivery.first_delay = milliseconds(std::max(0LL, scenario.Number("first_ms", name == "slow" ? 1000 : 0)));
  delivery.interval =
      microseconds(std::max(0LL, scenario.Number("interval_us", scenario.Number("interval_ms") * 1000)));
  const long long split = scenario.Number("split_bytes", name == "split" ? scenario.Number("bytes", 1) : 0);
  delivery.split_bytes = static_cast<std::size_t>(std::max(0LL, split));
  delivery.split_pause = microseconds(std::max(0LL, scenario.Number("split_us")));
  return delivery;
}

Interruption InterruptionFrom(const Scenario& scenario) {
  using Kind = Interruption::Kind;
  static constexpr std::array<std::pair<std::string_view, Kind>, 11> kKinds = {{{"failed", Kind::kFailed},
                                                                                {"rate_limited", Kind::kFailed},
                                                                                {"error_event", Kind::kErrorEvent},
                                                                                {"cut", Kind::kCut},
                                                                                {"ws_close", Kind::kCut},
                                                                                {"rst", Kind::kReset},
                                                                                {"stall", Kind::kStall},
                                                                                {"hold", Kind::kHold},
                                                                                {"eof", Kind::kEof},
                                                                                {"unknown_event", Kind::kUnknown},
                                                                                {"bad_json", Kind::kBadJson}}};
  Interruption interruption;
  const auto it =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& row) { return row.first == scenario.name; });
  if (it == kKinds.end()) return interruption;
  interruption.kind = it->second;
  interruption.after = std::max(0LL, scenario.Number("after"));
  interruption.mid_line = scenario.Flag("mid");
  std::string_view code = "server_error";
  if (scenario.name == "rate_limited") code = "rate_limit_exceeded";
  if (scenario.name == "error_event") code = "server_is_overloaded";
  interruption.code = scenario.Text("code", code);
  interruption.message = scenario.Text("message", MessageFor(interruption.code));
  interruption.key = scenario.Text("key", "default");
  return interruption;
}

ScriptWriter::ScriptWriter(const Facts& facts, Delivery delivery, Interruption interruption)
    : facts_(facts), delivery_(delivery), interruption_(std::move(interruption)), eol_(delivery.crlf ? "\r\n" : "\n") {
  script_.bytes = std::move(SpareBuffer());
  script_.bytes.reserve(kScriptReserve);
  script_.split_bytes = delivery.split_bytes;
  script_.split_pause = delivery.split_pause;
}

std::string& ScriptWriter::Begin(std::string_view type) {
  if (stopped_) {
    scratch_.clear();
    return scratch_;
  }
  std::string& out = script_.bytes;
  event_start_ = out.size();
  if (delivery_.comments) out.append(": keep-alive").append(eol_).append(eol_);
  if (delivery_.event_lines) out.append("event: ").append(type).append(eol_);
  out += "data: {\"type\":\"";
  out += type;
  out += "\",\"sequence_number\":";
  AppendNumber(out, sequence_++);
  return out;
}

void ScriptWriter::End() {
  if (stopped_) return;
  std::string& out = script_.bytes;
  out.append("}").append(eol_).append(eol_);
  if (cut_next_) {
    out.resize(event_start_ + (out.size() - event_start_) / 2);
    Stop(interruption_.kind == Interruption::Kind::kReset ? Act::kReset : Act::kCut);
  }
}

void ScriptWriter::RawEvent(std::string_view type, std::string_view data) {
  if (stopped_) return;
  if (delivery_.event_lines) script_.bytes.append("event: ").append(type).append(eol_);
  script_.bytes.append("data: ").append(data).append(eol_).append(eol_);
}

void ScriptWriter::Stamp(std::string& out) {
  if (!stopped_) script_.stamps.push_back(out.size());
  out.append(kStampDigits, '0');
}

void ScriptWriter::MarkHere(Act act, microseconds pause, std::string key) {
  script_.marks.push_back(Mark{script_.bytes.size(), act, pause, std::move(key)});
}

void ScriptWriter::Stop(Act act) {
  MarkHere(act);
  stopped_ = true;
}

void ScriptWriter::Delta() {
  if (stopped_) return;
  ++deltas_;
  if (interruption_.kind != Interruption::Kind::kNone && deltas_ == interruption_.after) Interrupt();
  if (!stopped_ && delivery_.interval.count() > 0) MarkHere(Act::kPause, delivery_.interval);
}

void ScriptWriter::Interrupt() {
  using Kind = Interruption::Kind;
  switch (interruption_.kind) {
    case Kind::kNone: return;
    case Kind::kFailed:
    case Kind::kErrorEvent: return Fail();
    case Kind::kCut:
    case Kind::kReset:
      if (interruption_.mid_line) {
        cut_next_ = true;
        return;
      }
      return Stop(interruption_.kind == Kind::kReset ? Act::kReset : Act::kCut);
    case Kind::kStall: return Stop(Act::kStall);
    case Kind::kHold: return MarkHere(Act::kHold, {}, interruption_.key);
    case Kind::kEof: stopped_ = true; return;
    case Kind::kUnknown: {
      RawEvent(
          "codex.rate_limits",
          R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"limit_reached":false,)"
          R"("primary":{"used_percent":12,"window_minutes":300,"reset_after_seconds":9000,"reset_at":1787400000},)"
          R"("secondary":{"used_percent":31,"window_minutes":10080,"reset_after_seconds":300000,"reset_at":1787900000}},)"
          R"("code_review_rate_limits":null,"credits":{"has_credits":false,"unlimited":false,"balance":null},)"
          R"("promo":null,"metered_limit_name":null,"limit_name":null})");
      Begin("response.metadata") += ",\"headers\":{\"openai-model\":\"gpt-5.5\"},\"metadata\":{}";
      End();
      Begin("keepalive");
      End();
      Begin("response.hologram.delta") += ",\"item_id\":\"holo_1\",\"output_index\":0,\"delta\":{\"voxels\":[1,2,3]}";
      return End();
    }
    case Kind::kBadJson:
      return RawEvent("response.output_text.delta", R"({"type":"response.output_text.delta","delta":)");
  }
}

void ScriptWriter::Fail() {
  if (interruption_.kind == Interruption::Kind::kErrorEvent) {
    std::string& out = Begin("error");
    out += ",\"error\":{\"type\":\"service_unavailable_error\",\"code\":";
    AppendJsonString(out, interruption_.code);
    out += ",\"message\":";
    AppendJsonString(out, interruption_.message);
    out += ",\"param\":null}";
    End();
  }
  std::string& out = Begin("response.failed");
  ResponseHead(out, "failed");
  out += ",\"background\":false,\"error\":{\"code\":";
  AppendJsonString(out, interruption_.code);
  out += ",\"message\":";
  AppendJsonString(out, interruption_.message);
  out += "},\"incomplete_details\":null,\"output\":[],\"usage\":null,\"user\":null,\"metadata\":{}}";
  End();
  stopped_ = true;
}

void ScriptWriter::ResponseHead(std::string& out, std::string_view status) {
  out += ",\"response\":{\"id\":\"resp_";
  out += facts_.id;
  out += "\",\"object\":\"response\",\"created_at\":";
  AppendNumber(out, facts_.created_at);
  out += ",\"status\":\"";
  out += status;
  out += "\",\"model\":";
  AppendJsonString(out, StringAt(*facts_.request, "model").value_or("gpt-5.5"));
}

void ScriptWriter::WholeResponse(std::string& out) {
  const json::object& request = *facts_.request;
  ResponseHead(out, "in_progress");
  out += ",\"background\":false,\"error\":null,\"incomplete_details\":null";
  AppendMember(out, request, "instructions", "null");
  out += ",\"max_output_tokens\":null,\"max_tool_calls\":null,\"output\":[]";
  AppendMember(out, request, "parallel_tool_calls", "true");
  out += ",\"previous_response_id\":null";
  AppendMember(out, request, "prompt_cache_key", "null");
  AppendMember(out, request, "reasoning", "{\"effort\":\"medium\",\"summary\":null}");
  out += ",\"safety_identifier\":\"user-sim\"";
  AppendMember(out, request, "service_tier", "\"auto\"");
  out += ",\"store\":false,\"temperature\":1.0";
  AppendMember(out, request, "text", "{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"}");
  AppendMember(out, request, "tool_choice", "\"auto\"");
  AppendMember(out, request, "tools", "[]");
  out += ",\"top_logprobs\":0,\"top_p\":1.0,\"truncation\":\"disabled\",\"usage\":null,\"user\":null,\"metadata\":{}}";
}

void ScriptWriter::Start() {
  WholeResponse(Begin("response.created"));
  End();
  std::string& progress = Begin("response.in_progress");
  ResponseHead(progress, "in_progress");
  progress += ",\"output\":[],\"usage\":null}";
  End();
  if (delivery_.first_delay.count() > 0) MarkHere(Act::kPause, delivery_.first_delay);
  if (interruption_.after == 0) Interrupt();
}

void ScriptWriter::UsageInto(std::string& out, long long output_tokens, long long reasoning_tokens) {
  out += ",\"usage\":{\"input_tokens\":";
  AppendNumber(out, facts_.input_tokens);
  out += ",\"input_tokens_details\":{\"cached_tokens\":";
  AppendNumber(out, facts_.cached_tokens);
  out += "},\"output_tokens\":";
  AppendNumber(out, output_tokens + reasoning_tokens);
  out += ",\"output_tokens_details\":{\"reasoning_tokens\":";
  AppendNumber(out, reasoning_tokens);
  out += "},\"total_tokens\":";
  AppendNumber(out, facts_.input_tokens + output_tokens + reasoning_tokens);
  out += '}';
}

void ScriptWriter::Complete(long long output_tokens, long long reasoning_tokens, bool end_turn,
                            std::string_view extra) {
  std::string& out = Begin("response.completed");
  ResponseHead(out, "completed");
  out += ",\"completed_at\":";
  AppendNumber(out, facts_.created_at + 2);
  out += ",\"background\":false,\"error\":null,\"incomplete_details\":null,\"output\":[]";
  AppendMember(out, *facts_.request, "parallel_tool_calls", "true");
  out += ",\"store\":false,\"service_tier\":\"default\"";
  out += extra;
  UsageInto(out, output_tokens, reasoning_tokens);
  out += end_turn ? ",\"end_turn\":true}" : ",\"end_turn\":false}";
  End();
}

void ScriptWriter::Incomplete(std::string_view reason, long long output_tokens) {
  std::string& out = Begin("response.incomplete");
  ResponseHead(out, "incomplete");
  out += ",\"background\":false,\"error\":null,\"incomplete_details\":{\"reason\":";
  AppendJsonString(out, reason);
  out += "},\"output\":[]";
  UsageInto(out, output_tokens, 0);
  out += '}';
  End();
}

std::string& ScriptWriter::SpareBuffer() {
  static thread_local std::string spare;
  spare.clear();
  return spare;
}

void ScriptWriter::Recycle(Script&& script) {
  if (script.bytes.capacity() <= kSpareBytesMax) SpareBuffer() = std::move(script.bytes);
}

Script ScriptWriter::Finish() && { return std::move(script_); }

}  // namespace patchbay::sim
