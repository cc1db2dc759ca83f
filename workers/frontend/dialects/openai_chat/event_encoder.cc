#include "workers/frontend/dialects/openai_chat/event_encoder.h"

#include <utility>

#include "lib/wire/json_writer.h"
#include "lib/wire/sse.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_chat {
namespace {

constexpr std::string_view kDone = "data: [DONE]\n\n";
constexpr std::string_view kNoLogprobs = R"(},"logprobs":null)";
constexpr std::string_view kEmptyText = R"("")", kNull = "null";

}  // namespace

EventEncoder::EventEncoder(ReplyIdentity identity, bool include_usage)
    : identity_(std::move(identity)), include_usage_(include_usage) {
  chunk_head_ = R"(data: {"id":)";
  wire::AppendJsonString(chunk_head_, identity_.id);
  chunk_head_.append(R"(,"object":"chat.completion.chunk","created":)").append(std::to_string(identity_.created));
  chunk_head_.append(R"(,"model":)");
  wire::AppendJsonString(chunk_head_, identity_.model);
  chunk_head_.append(R"(,"system_fingerprint":null,"choices":[{"index":0,"delta":{)");
  // With include_usage every chunk but the last says that its usage is null.
  chunk_tail_.append(kNoLogprobs).append(R"(,"finish_reason":null}])");
  chunk_tail_.append(include_usage_ ? ",\"usage\":null}\n\n" : "}\n\n");
}

Result<void> EventEncoder::Encode(const inference::v1::GenerateEvent& event, std::string& out) {
  const LentBuffer lent(out_, out);
  return reader_.Read(event);
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  out.append(R"(data: {"error":)");
  AppendOpenAiError(problem, out);
  out.append("}\n\n");
}

void EventEncoder::Begin(std::string_view content_json) {
  if (std::exchange(begun_, true)) return;
  out_.append(chunk_head_).append(R"("role":"assistant","content":)").append(content_json);
  out_.append(R"(,"refusal":null)").append(chunk_tail_);
}

// What comes first decides what the first chunk says.
void EventEncoder::OnStarted(const inference::v1::Started&) {}

void EventEncoder::OnText(std::string_view text) {
  Begin(kEmptyText);
  if (logprobs_.empty()) return StringDelta("\"content\":", text);
  out_.append(chunk_head_).append("\"content\":");
  wire::AppendJsonString(out_, text);
  out_.append(R"(},"logprobs":{"content":[)").append(std::exchange(logprobs_, {})).append(R"(],"refusal":null})");
  out_.append(chunk_tail_, kNoLogprobs.size());
}

void EventEncoder::OnRefusal(std::string_view text) {
  Begin(kNull);
  StringDelta("\"refusal\":", text);
}

void EventEncoder::OnReasoning(std::string_view text) {
  Begin(kNull);
  StringDelta("\"reasoning_content\":", text);
}

void EventEncoder::StringDelta(std::string_view member, std::string_view text) {
  out_.append(chunk_head_).append(member);
  wire::AppendJsonString(out_, text);
  out_.append(chunk_tail_);
}

// The first delta of a call carries its index, id, type and name; later ones only index and input.
void EventEncoder::OnCall(int call, const inference::v1::ToolCall& tool_call) {
  Begin(kNull);
  std::string& out = out_;
  out.append(chunk_head_);
  if (identity_.legacy_functions) {
    out.append(R"("function_call":{"name":)");
    wire::AppendJsonString(out, tool_call.name());
    out.append(R"(,"arguments":""})").append(chunk_tail_);
    return;
  }
  const bool custom = tool_call.kind() == inference::v1::TOOL_KIND_CUSTOM;
  out.append(R"("tool_calls":[{"index":)").append(std::to_string(call)).append(R"(,"id":)");
  wire::AppendJsonString(out, tool_call.call_id());
  out.append(custom ? R"(,"type":"custom","custom":{"name":)" : R"(,"type":"function","function":{"name":)");
  wire::AppendJsonString(out, tool_call.name());
  out.append(custom ? R"(,"input":""}}])" : R"(,"arguments":""}}])").append(chunk_tail_);
}

void EventEncoder::OnCallInput(int call, inference::v1::ToolKind kind, std::string_view text) {
  std::string& out = out_;
  out.append(chunk_head_);
  if (identity_.legacy_functions) {
    out.append(R"("function_call":{"arguments":)");
    wire::AppendJsonString(out, text);
    out.push_back('}');
  } else {
    out.append(R"("tool_calls":[{"index":)").append(std::to_string(call));
    out.append(kind == inference::v1::TOOL_KIND_CUSTOM ? R"(,"custom":{"input":)" : R"(,"function":{"arguments":)");
    wire::AppendJsonString(out, text);
    out.append("}}]");
  }
  out.append(chunk_tail_);
}

void EventEncoder::OnCitation(const inference::v1::Citation& citation) {
  const std::string annotation = CitationJson(citation);
  if (annotation.empty()) return;
  Begin(kEmptyText);
  out_.append(chunk_head_).append(R"("annotations":[)").append(annotation).append("]").append(chunk_tail_);
}

void EventEncoder::OnUsage(const inference::v1::Usage& usage) {
  usage_ = usage;
  has_usage_ = true;
}

void EventEncoder::OnFinished(inference::v1::FinishReason reason) {
  std::string& out = out_;
  Begin(kEmptyText);
  out.append(chunk_head_).append(R"(},"logprobs":null,"finish_reason":")");
  out.append(FinishReasonName(reason, identity_.legacy_functions));
  // Known at the end only.
  std::string tier;
  if (const std::string_view name = TierName(usage_.tier()); !name.empty()) {
    tier.append(R"(,"service_tier":")").append(name).append("\"");
  }
  out.append("\"}]").append(tier).append(include_usage_ ? ",\"usage\":null}\n\n" : "}\n\n");
  if (include_usage_ && has_usage_) {
    // The same head up to the choices, of which this chunk has none.
    const std::size_t choices = chunk_head_.find("\"choices\":[");
    out.append(chunk_head_, 0, choices).append(R"("choices":[])").append(tier).append(R"(,"usage":)");
    AppendUsage(out, usage_);
    out.append("}\n\n");
  }
  out.append(kDone);
}

}  // namespace patchbay::frontend::openai_chat
