#include "workers/frontend/dialects/anthropic/event_encoder.h"

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"

namespace patchbay::frontend::anthropic {
namespace {

// The delta up to its value. Citations are JSON already, the rest is text.
std::string_view DeltaHead(DeltaKind kind, bool count_thinking) {
  switch (kind) {
    case DeltaKind::kText: return R"({"type":"text_delta","text":)";
    case DeltaKind::kThinking:
      // Providers count when the reasoning is over, so there is never an estimate.
      return count_thinking ? R"({"type":"thinking_delta","estimated_tokens":null,"thinking":)"
                            : R"({"type":"thinking_delta","thinking":)";
    case DeltaKind::kSignature: return R"({"type":"signature_delta","signature":)";
    case DeltaKind::kInputJson: return R"({"type":"input_json_delta","partial_json":)";
    case DeltaKind::kCitation: return R"({"type":"citations_delta","citation":)";
  }
  return {};
}

// A block as it looks before its first delta.
void AppendEmptyBlock(std::string& out, const Block& block) {
  wire::JsonWriter json(out);
  json.BeginObject().Key("type");
  switch (block.kind) {
    case BlockKind::kText: json.String("text").Key("text").String("").Key("citations").Null(); break;
    case BlockKind::kThinking: json.String("thinking").Key("thinking").String("").Key("signature").String(""); break;
    case BlockKind::kRedactedThinking: json.String("redacted_thinking").Key("data").String(block.data); break;
    case BlockKind::kToolUse:
    case BlockKind::kServerToolUse:
      json.String(block.kind == BlockKind::kToolUse ? "tool_use" : "server_tool_use");
      json.Key("id").String(block.id).Key("name").String(block.name).Key("input").BeginObject().EndObject();
      json.Key("caller").Raw(kDirectCaller);
      break;
    case BlockKind::kWebSearchResult:
      json.String("web_search_tool_result").Key("tool_use_id").String(block.id).Key("content").Raw(block.data);
      json.Key("caller").Raw(kDirectCaller);
      break;
  }
  json.EndObject();
}

}  // namespace

Result<void> EventEncoder::Encode(const inference::v1::GenerateEvent& event, std::string& out) {
  const LentBuffer lent(out_, out);
  return reader_.Read(event);
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  if (problem.kind == Problem::Kind::kPolicy) {
    const LentBuffer lent(out_, out);
    return reader_.Refuse(problem.message);
  }
  out.append("event: error\ndata: ");
  AppendError(problem, out);
  out.append("\n\n");
}

void EventEncoder::OnStarted() {
  std::string& out = out_;
  out.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":");
  wire::AppendJsonString(out, identity_.id);
  out.append(R"(,"type":"message","role":"assistant","model":)");
  wire::AppendJsonString(out, identity_.model);
  out.append(R"(,"content":[],"container":null,"diagnostics":null,)");
  AppendStop(out, nullptr);
  // message_delta's numbers replace these.
  out.append(R"(,"usage":)");
  inference::v1::Usage usage;
  usage.set_input_tokens(identity_.input_tokens);
  AppendUsage(out, usage, 0);
  out.append("}}\n\n").append(kPing);
}

void EventEncoder::OnBlock(const Block& block) {
  ++index_;
  const std::string index = std::to_string(index_);
  out_.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":").append(index);
  out_.append(",\"content_block\":");
  AppendEmptyBlock(out_, block);
  out_.append("}\n\n");
  delta_head_ =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":";
}

void EventEncoder::OnDelta(DeltaKind kind, std::string_view text) {
  out_.append(delta_head_).append(DeltaHead(kind, options_.count_thinking));
  if (kind == DeltaKind::kCitation) {
    out_.append(text);
  } else {
    wire::AppendJsonString(out_, text);
  }
  out_.append("}}\n\n");
}

void EventEncoder::OnBlockEnd() {
  out_.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":");
  out_.append(std::to_string(index_)).append("}\n\n");
}

void EventEncoder::OnFinished(const Ending& ending) {
  std::string& out = out_;
  out.append("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{");
  AppendStop(out, &ending);
  out.append(R"(,"container":null},"usage":)");
  inference::v1::Usage usage = ending.usage;
  if (usage.input_tokens() == 0) usage.set_input_tokens(identity_.input_tokens);  // nobody has counted
  AppendDeltaUsage(out, usage, ending.web_searches);
  out.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

}  // namespace patchbay::frontend::anthropic
