#include "workers/frontend/dialects/openai_chat/response_encoder.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_chat {

void ResponseEncoder::OnCall(int, const inference::v1::ToolCall& tool_call) {
  calls_.push_back({tool_call.call_id(), tool_call.name(), {}, tool_call.kind() == inference::v1::TOOL_KIND_CUSTOM});
}

void ResponseEncoder::OnCallInput(int call, inference::v1::ToolKind, std::string_view text) {
  calls_[static_cast<std::size_t>(call)].input.append(text);
}

void ResponseEncoder::OnCitation(const inference::v1::Citation& citation) {
  std::string annotation = CitationJson(citation);
  if (!annotation.empty()) annotations_.push_back(std::move(annotation));
}

Result<std::string> ResponseEncoder::Encode() const {
  if (!ended()) return Error(ErrorCode::kProtocol, "the answer has no end").From(Origin::kUpstream);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("id").String(identity_.id).Key("object").String("chat.completion");
  json.Key("created").Int(identity_.created).Key("model").String(identity_.model).Key("system_fingerprint").Null();
  const std::string_view tier = usage_ ? TierName(usage_->tier()) : std::string_view();
  if (!tier.empty()) json.Key("service_tier").String(tier);
  json.Key("choices").BeginArray().BeginObject().Key("index").Int(0);
  json.Key("message").BeginObject().Key("role").String("assistant");
  // Null where there is nothing but calls or a refusal, as OpenAI has it.
  json.Key("content");
  if (text_.empty() && (!calls_.empty() || !refusal_.empty())) {
    json.Null();
  } else {
    json.String(text_);
  }
  json.Key("refusal");
  if (refusal_.empty()) {
    json.Null();
  } else {
    json.String(refusal_);
  }
  if (!reasoning_.empty()) json.Key("reasoning_content").String(reasoning_);
  json.Key("annotations").BeginArray();
  for (const std::string& annotation : annotations_) json.Raw(annotation);
  json.EndArray();
  if (!calls_.empty() && identity_.legacy_functions) {
    json.Key("function_call").BeginObject();
    json.Key("name").String(calls_.front().name).Key("arguments").String(calls_.front().input).EndObject();
  } else if (!calls_.empty()) {
    json.Key("tool_calls").BeginArray();
    for (const Call& call : calls_) {
      const char* type = call.custom ? "custom" : "function";
      json.BeginObject().Key("id").String(call.id).Key("type").String(type);
      json.Key(type).BeginObject().Key("name").String(call.name);
      json.Key(call.custom ? "input" : "arguments").String(call.input).EndObject().EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  json.Key("logprobs");
  logprobs_.empty() ? json.Null() : json.Raw(R"({"content":[)" + logprobs_ + R"(],"refusal":null})");
  json.Key("finish_reason").String(FinishReasonName(reason_, identity_.legacy_functions));
  json.EndObject().EndArray();
  if (usage_) {
    json.Key("usage");
    std::string usage;
    AppendUsage(usage, *usage_);
    json.Raw(usage);
  }
  json.EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_chat
