#include "workers/frontend/dialects/anthropic/block_reader.h"

#include <utility>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/anthropic/wire_format.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

namespace patchbay::frontend::anthropic {
namespace {

constexpr std::string_view kPartBreak = "\n\n";  // between the parts of one reasoning

Error ProviderFault(std::string message) {
  return Error(ErrorCode::kProtocol, std::move(message)).From(Origin::kUpstream);
}

// What the client plays back. Its words are beside it, in the block's text.
std::string SignatureOf(const inference::v1::Item& item) {
  if (!IsSealed(item.reasoning())) return {};
  inference::v1::Item sealed;
  sealed.set_id(item.id());
  auto& reasoning = *sealed.mutable_reasoning();
  reasoning.set_encrypted_content(item.reasoning().encrypted_content());
  reasoning.set_signature(item.reasoning().signature());
  reasoning.set_sealed_by(item.reasoning().sealed_by());
  return WrapReasoning({std::move(sealed)});
}

// A custom tool's input is free text; tool_use takes objects only.
constexpr std::string_view kWrapperOpen = "{\"input\":\"";
constexpr std::string_view kWrapperClose = "\"}";

}  // namespace

void BlockReader::Start() {
  started_ = true;
  listener_.OnStarted();
}

// Blocks are told item by item, so a word about another item means that the one before is over, or will never be.
void BlockReader::Enter(int item) {
  if (item_ != item) Leave();
  item_ = item;
}

void BlockReader::Leave() {
  Close();
  part_ = -1;
  custom_call_ = false;
  input_.clear();
}

Result<void> BlockReader::OnItemDone(int item, const inference::v1::Item& whole) {
  Enter(item);
  RETURN_IF_ERROR(Done(item, whole));
  Leave();
  return {};
}

Result<void> BlockReader::Done(int item, const inference::v1::Item& whole) {
  switch (whole.kind_case()) {
    case inference::v1::Item::kReasoning: DoneReasoning(whole); break;
    case inference::v1::Item::kToolCall: return DoneCall();
    case inference::v1::Item::kHostedTool: DoneHosted(item, whole); break;
    case inference::v1::Item::kMessage:
    case inference::v1::Item::kToolResult:
    case inference::v1::Item::kOpaque:
    case inference::v1::Item::KIND_NOT_SET: break;
  }
  return {};
}

void BlockReader::DoneReasoning(const inference::v1::Item& item) {
  if (!options_.thinking) return;
  const std::string signature = SignatureOf(item);
  if (signature.empty()) return Close();
  if (!block_open_ && !options_.omit_thinking) {
    Open({.kind = BlockKind::kRedactedThinking, .id = {}, .name = {}, .data = signature});
    return Close();
  }
  if (!block_open_) Open({.kind = BlockKind::kThinking, .id = {}, .name = {}, .data = {}});
  listener_.OnDelta(DeltaKind::kSignature, signature);
  Close();
}

Result<void> BlockReader::DoneCall() {
  if (custom_call_) {
    listener_.OnDelta(DeltaKind::kInputJson, kWrapperClose);
  } else if (!input_.empty()) {
    const bool valid = wire::ValidateJson(input_, wire::kMaxJsonDepth, wire::Duplicates::kAllow).ok();
    const std::size_t start = input_.find_first_not_of(" \t\r\n");
    if (!valid || input_[start] != '{') return ProviderFault("a tool call's input is no JSON object");
  }
  Close();
  return {};
}

void BlockReader::DoneHosted(int item, const inference::v1::Item& whole) {
  const auto& search = whole.hosted_tool().web_search();
  if (search.queries().empty()) return;  // it opened a page, or is another tool
  Close();
  ++web_searches_;
  const std::string id = "srvtoolu_" + (whole.id().empty() ? std::to_string(item) : whole.id());
  Open({.kind = BlockKind::kServerToolUse, .id = id, .name = "web_search", .data = {}});
  std::string input = "{\"query\":";
  wire::AppendJsonString(input, search.queries(0));
  listener_.OnDelta(DeltaKind::kInputJson, input + "}");
  Close();
  Open({.kind = BlockKind::kWebSearchResult, .id = id, .name = {}, .data = ResultsJson(search)});
  Close();
}

void BlockReader::Text(int item, int part, std::string_view text, bool refusal) {
  Enter(item);
  refused_ |= refusal;
  if (part_ != part) Close();
  part_ = part;
  if (!block_open_) Open({.kind = BlockKind::kText, .id = {}, .name = {}, .data = {}});
  block_text_.append(text);
  listener_.OnDelta(DeltaKind::kText, text);
}

void BlockReader::OnReasoning(int item, int part, std::string_view text) {
  Enter(item);
  if (!options_.thinking || options_.omit_thinking) return;
  if (!block_open_) {
    Open({.kind = BlockKind::kThinking, .id = {}, .name = {}, .data = {}});
  } else if (part_ != part) {
    listener_.OnDelta(DeltaKind::kThinking, kPartBreak);
  }
  part_ = part;
  listener_.OnDelta(DeltaKind::kThinking, text);
}

void BlockReader::OnCall(int item, const inference::v1::ToolCall& call) {
  Enter(item);
  ++calls_;
  custom_call_ = call.kind() == inference::v1::TOOL_KIND_CUSTOM;
  Close();
  Open({.kind = BlockKind::kToolUse, .id = call.call_id(), .name = call.name(), .data = {}});
  if (custom_call_) listener_.OnDelta(DeltaKind::kInputJson, kWrapperOpen);
}

void BlockReader::OnCallInput(int item, std::string_view text) {
  Enter(item);
  input_.append(text);
  if (!custom_call_) return listener_.OnDelta(DeltaKind::kInputJson, text);
  std::string escaped;
  wire::AppendJsonString(escaped, text);
  listener_.OnDelta(DeltaKind::kInputJson, std::string_view(escaped).substr(1, escaped.size() - 2));
}

void BlockReader::OnCitation(int item, int /*part*/, const inference::v1::Citation& citation) {
  Enter(item);
  if (!block_open_ || block_kind_ != BlockKind::kText) return;
  const std::string shown = CitationJson(citation, block_text_);
  if (!shown.empty()) listener_.OnDelta(DeltaKind::kCitation, shown);
}

void BlockReader::Open(Block block) {
  block_open_ = true;
  block_kind_ = block.kind;
  block_text_.clear();
  listener_.OnBlock(block);
}

void BlockReader::Close() {
  if (!block_open_) return;
  block_open_ = false;
  listener_.OnBlockEnd();
}

void BlockReader::OnFinished(const inference::v1::Finished& finished) {
  Close();
  Ending ending;
  ending.usage = usage_;
  ending.web_searches = web_searches_;
  ending.stop_reason = StopReasonName(finished.reason(), calls_ > 0, refused_);
  if (!finished.stop_sequence().empty()) {
    ending.stop_reason = "stop_sequence";
    ending.stop_sequence = finished.stop_sequence();
  }
  listener_.OnFinished(ending);
}

void BlockReader::Refuse(const std::string& explanation) {
  if (!started_) Start();
  Close();
  Ending ending;
  ending.usage = usage_;
  ending.web_searches = web_searches_;
  ending.stop_reason = "refusal";
  ending.explanation = explanation;
  listener_.OnFinished(ending);
}

}  // namespace patchbay::frontend::anthropic
