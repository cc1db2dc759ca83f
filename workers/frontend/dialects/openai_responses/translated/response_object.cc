#include "workers/frontend/dialects/openai_responses/translated/response_object.h"

#include <algorithm>
#include <array>

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

struct Repeated {
  std::string_view name;
  std::string_view otherwise;  // where the request says nothing
};

constexpr std::array kRepeated = {
    Repeated{"background", "false"},
    Repeated{"instructions", "null"},
    Repeated{"max_output_tokens", "null"},
    Repeated{"max_tool_calls", "null"},
    Repeated{"metadata", "{}"},
    Repeated{"parallel_tool_calls", "true"},
    Repeated{"previous_response_id", "null"},
    Repeated{"prompt_cache_key", "null"},
    Repeated{"reasoning", R"({"effort":null,"summary":null})"},
    Repeated{"safety_identifier", "null"},
    Repeated{"store", "true"},
    Repeated{"temperature", "null"},
    Repeated{"text", R"({"format":{"type":"text"}})"},
    Repeated{"tool_choice", R"("auto")"},
    Repeated{"tools", "[]"},
    Repeated{"top_logprobs", "0"},
    Repeated{"top_p", "null"},
    Repeated{"truncation", R"("disabled")"},
    Repeated{"user", "null"},
};

std::string_view SaidIn(const RequestMembers& request, std::string_view name) {
  const auto found = std::find_if(request.begin(), request.end(), [&](const auto& each) { return each.first == name; });
  return found == request.end() || found->second == "null" ? std::string_view() : found->second;
}

// Events are lines: what a client wrote over several becomes one. Inside of strings JSON has no line breaks.
std::string OnOneLine(std::string_view json) {
  std::string text(json);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

// As JSON; empty for what the provider did not say.
std::string_view ServedTier(inference::v1::Tier tier) {
  switch (tier) {
    case inference::v1::TIER_STANDARD: return R"("default")";
    case inference::v1::TIER_PRIORITY: return R"("priority")";
    case inference::v1::TIER_FLEX: return R"("flex")";
    case inference::v1::TIER_SCALE: return R"("scale")";
    default: return {};
  }
}

void AppendResponseUsage(std::string& out, const inference::v1::Usage& usage) {
  wire::JsonWriter json(out);
  json.BeginObject().Key("input_tokens").Int(usage.input_tokens());
  json.Key("input_tokens_details").BeginObject().Key("cached_tokens").Int(usage.cached_input_tokens());
  json.Key("cache_write_tokens").Int(usage.cache_write_tokens()).EndObject();
  json.Key("output_tokens").Int(usage.output_tokens());
  json.Key("output_tokens_details").BeginObject().Key("reasoning_tokens").Int(usage.reasoning_tokens()).EndObject();
  json.Key("total_tokens").Int(usage.input_tokens() + usage.output_tokens()).EndObject();
}

}  // namespace

ResponseObject::ResponseObject(std::string id, std::string_view model, std::int64_t created_at,
                               const RequestMembers& request)
    : id_(std::move(id)) {
  head_ = R"({"id":)";
  wire::AppendJsonString(head_, id_);
  head_.append(R"(,"object":"response","created_at":)").append(std::to_string(created_at)).append(R"(,"model":)");
  wire::AppendJsonString(head_, model);
  for (const Repeated& each : kRepeated) {
    const std::string_view said = SaidIn(request, each.name);
    tail_.append(",\"").append(each.name).append("\":");
    tail_.append(said.empty() ? std::string(each.otherwise) : OnOneLine(said));
  }
  if (const std::string_view tier = SaidIn(request, "service_tier"); !tier.empty()) tier_ = OnOneLine(tier);
}

void ResponseObject::AppendTo(std::string& out, const State& state) const {
  out.append(head_).append(R"(,"status":")").append(state.status).append(R"(","error":)").append(state.error_json);
  out.append(R"(,"incomplete_details":)");
  if (state.incomplete_reason.empty()) {
    out.append("null");
  } else {
    out.append(R"({"reason":")").append(state.incomplete_reason).append("\"}");
  }
  out.append(R"(,"output":[)").append(state.output).append("]").append(tail_).append(R"(,"service_tier":)");
  const std::string_view served = state.usage == nullptr ? std::string_view() : ServedTier(state.usage->tier());
  out.append(served.empty() ? std::string_view(tier_) : served);
  out.append(R"(,"usage":)");
  if (state.usage == nullptr) {
    out.append("null");
  } else {
    AppendResponseUsage(out, *state.usage);
  }
  out.push_back('}');
}

}  // namespace patchbay::frontend::openai_responses::translated
