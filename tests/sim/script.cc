#include "tests/sim/script.h"

#include <boost/json/serialize.hpp>
#include <utility>

namespace patchbay::sim {
namespace {

void AppendMember(std::string& out, const json::object& request, std::string_view name, std::string_view fallback) {
  out += ",\"";
  out += name;
  out += "\":";
  const json::value* value = request.if_contains(name);
  value == nullptr ? out += fallback : out += json::serialize(*value);
}

}  // namespace

ScriptWriter::ScriptWriter(const Facts& facts, Delivery delivery, Interruption interruption)
    : PacedScript(delivery, std::move(interruption)), facts_(facts) {}

std::string& ScriptWriter::Begin(std::string_view type) {
  std::string& out = OpenEvent(type);
  out += "{\"type\":\"";
  out += type;
  out += "\",\"sequence_number\":";
  AppendNumber(out, sequence_++);
  return out;
}

void ScriptWriter::WriteUnknown() {
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
  End();
}

void ScriptWriter::WriteBroken() {
  RawEvent("response.output_text.delta", R"({"type":"response.output_text.delta","delta":)");
}

void ScriptWriter::WriteFailure() {
  if (interruption().kind == Interruption::Kind::kErrorEvent) {
    std::string& out = Begin("error");
    out += ",\"error\":{\"type\":\"service_unavailable_error\",\"code\":";
    AppendJsonString(out, interruption().code);
    out += ",\"message\":";
    AppendJsonString(out, interruption().message);
    out += ",\"param\":null}";
    End();
  }
  std::string& out = Begin("response.failed");
  ResponseHead(out, "failed");
  out += ",\"background\":false,\"error\":{\"code\":";
  AppendJsonString(out, interruption().code);
  out += ",\"message\":";
  AppendJsonString(out, interruption().message);
  out += "},\"incomplete_details\":null,\"output\":[],\"usage\":null,\"user\":null,\"metadata\":{}}";
  End();
  StopHere();
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
  BeginDeltas();
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

}  // namespace patchbay::sim
