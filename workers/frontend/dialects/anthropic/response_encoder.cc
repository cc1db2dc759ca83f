#include "workers/frontend/dialects/anthropic/response_encoder.h"

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::anthropic {

void ResponseEncoder::OnBlock(const Block& block) { blocks_.emplace_back().block = block; }

void ResponseEncoder::OnDelta(DeltaKind kind, std::string_view text) {
  WholeBlock& block = blocks_.back();
  switch (kind) {
    case DeltaKind::kText:
    case DeltaKind::kThinking:
    case DeltaKind::kInputJson: block.text.append(text); return;
    case DeltaKind::kSignature: block.signature.append(text); return;
    case DeltaKind::kCitation: block.citations.emplace_back(text); return;
  }
}

// A call that the length cut in its middle: half an object cannot be shown.
void ResponseEncoder::OnBlockEnd() {
  WholeBlock& block = blocks_.back();
  if (block.block.kind != BlockKind::kToolUse || block.text.empty()) return;
  if (!wire::ValidateJson(block.text, wire::kMaxJsonDepth, wire::Duplicates::kAllow).ok()) block.text.clear();
}

void ResponseEncoder::AppendBlock(std::string& out, const WholeBlock& whole) {
  const Block& block = whole.block;
  wire::JsonWriter json(out);
  json.BeginObject().Key("type");
  switch (block.kind) {
    case BlockKind::kText:
      json.String("text").Key("text").String(whole.text).Key("citations");
      if (whole.citations.empty()) {
        json.Null();
      } else {
        json.BeginArray();
        for (const std::string& citation : whole.citations) json.Raw(citation);
        json.EndArray();
      }
      break;
    case BlockKind::kThinking:
      json.String("thinking").Key("thinking").String(whole.text).Key("signature").String(whole.signature);
      break;
    case BlockKind::kRedactedThinking: json.String("redacted_thinking").Key("data").String(block.data); break;
    case BlockKind::kToolUse:
    case BlockKind::kServerToolUse:
      json.String(block.kind == BlockKind::kToolUse ? "tool_use" : "server_tool_use");
      json.Key("id").String(block.id).Key("name").String(block.name);
      json.Key("input").Raw(whole.text.empty() ? "{}" : whole.text);  // the reader let only JSON through
      json.Key("caller").Raw(kDirectCaller);
      break;
    case BlockKind::kWebSearchResult:
      json.String("web_search_tool_result").Key("tool_use_id").String(block.id).Key("content").Raw(block.data);
      json.Key("caller").Raw(kDirectCaller);
      break;
  }
  json.EndObject();
}

Result<std::string> ResponseEncoder::Encode() const {
  if (!ending_) return Error(ErrorCode::kProtocol, "the answer has no end").From(Origin::kUpstream);
  std::string out = R"({"id":)";
  wire::AppendJsonString(out, identity_.id);
  out.append(R"(,"type":"message","role":"assistant","model":)");
  wire::AppendJsonString(out, identity_.model);
  out.append(R"(,"content":[)");
  for (const WholeBlock& block : blocks_) {
    if (&block != &blocks_.front()) out.push_back(',');
    AppendBlock(out, block);
  }
  out.append(R"(],"container":null,"diagnostics":null,)");
  AppendStop(out, &*ending_);
  out.append(R"(,"usage":)");
  AppendUsage(out, ending_->usage, ending_->web_searches);
  out.push_back('}');
  return out;
}

}  // namespace patchbay::frontend::anthropic
