#include "workers/frontend/dialects/gemini/wire_format.h"

#include <algorithm>

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::gemini {
namespace {

// Thinking is counted apart from the answer, cached tokens inside the prompt (client-protocols G.3).
void AppendUsage(const inference::v1::Usage& usage, std::string& out) {
  wire::JsonWriter json(out);
  json.BeginObject().Key("promptTokenCount").Int(usage.input_tokens());
  if (usage.cached_input_tokens() > 0) json.Key("cachedContentTokenCount").Int(usage.cached_input_tokens());
  json.Key("candidatesTokenCount");
  json.Int(std::max<std::int64_t>(usage.output_tokens() - usage.reasoning_tokens(), 0));
  if (usage.reasoning_tokens() > 0) json.Key("thoughtsTokenCount").Int(usage.reasoning_tokens());
  json.Key("totalTokenCount").Int(usage.input_tokens() + usage.output_tokens());
  json.Key("promptTokensDetails").BeginArray().BeginObject();
  json.Key("modality").String("TEXT").Key("tokenCount").Int(usage.input_tokens()).EndObject().EndArray();
  json.EndObject();
}

}  // namespace

void AppendPart(const ReplyPart& part, std::string& out) {
  wire::JsonWriter json(out);
  json.BeginObject();
  switch (part.kind) {
    case ReplyPart::Kind::kText: json.Key("text").String(part.text); break;
    case ReplyPart::Kind::kThought: json.Key("text").String(part.text).Key("thought").Bool(true); break;
    case ReplyPart::Kind::kCall:
      json.Key("functionCall").BeginObject().Key("id").String(part.id).Key("name").String(part.name);
      json.Key("args").Raw(part.text).EndObject();
      break;
    case ReplyPart::Kind::kImage:
      json.Key("inlineData").BeginObject().Key("mimeType").String(part.name).Key("data").String(part.text).EndObject();
      break;
  }
  if (!part.signature.empty()) json.Key("thoughtSignature").String(part.signature);
  json.EndObject();
}

void AppendEnd(const ReplyEnd& end, std::string& out) {
  out.append(R"(,"finishReason":")").append(end.finish_reason).append(R"(","index":0)");
  if (!end.finish_message.empty()) {
    out.append(R"(,"finishMessage":)");
    wire::AppendJsonString(out, end.finish_message);
  }
  if (end.average_logprob) {
    out.append(R"(,"avgLogprobs":)");
    wire::JsonWriter(out).Double(*end.average_logprob);
  }
  if (!end.grounding_json.empty()) out.append(R"(,"groundingMetadata":)").append(end.grounding_json);
  out.append("}]");
  if (!end.usage) return;
  out.append(R"(,"usageMetadata":)");
  AppendUsage(*end.usage, out);
}

}  // namespace patchbay::frontend::gemini
