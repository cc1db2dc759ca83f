#include "workers/frontend/dialects/anthropic/block_reader.h"

#include <algorithm>
#include <utility>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/anthropic/wire_format.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/strict_schema.h"

namespace patchbay::frontend::anthropic {
namespace {

using inference::v1::GenerateEvent;

constexpr std::string_view kPartBreak = "\n\n";  // between the parts of one reasoning

Error ProviderFault(std::string message) {
  return Error(ErrorCode::kProtocol, std::move(message)).From(Origin::kUpstream);
}

// What the client plays back. The summary is beside it, in the block's text.
std::string SignatureOf(const inference::v1::Item& item) {
  if (item.reasoning().encrypted_content().empty()) return {};
  inference::v1::Item sealed;
  sealed.set_id(item.id());
  sealed.mutable_reasoning()->set_encrypted_content(item.reasoning().encrypted_content());
  return WrapReasoning({std::move(sealed)});
}

// A custom tool's input is free text; tool_use takes objects only.
constexpr std::string_view kWrapperOpen = "{\"input\":\"";
constexpr std::string_view kWrapperClose = "\"}";

}  // namespace

Result<void> BlockReader::Read(const GenerateEvent& event) {
  // Rate limits come with the head, before anything is said.
  const bool any_time = event.has_rate_limit_reported();
  if (phase_ == Phase::kEnded) return ProviderFault("an event after the end");
  if (phase_ == Phase::kIdle && !any_time && !event.has_started()) return ProviderFault("an event before the start");
  switch (event.kind_case()) {
    case GenerateEvent::kStarted:
      if (phase_ != Phase::kIdle) return ProviderFault("a second start");
      phase_ = Phase::kOpen;
      listener_.OnStarted();
      return {};
    case GenerateEvent::kItemBegan: return ReadItem(event.item_began().index(), event);
    case GenerateEvent::kItemDone: return ReadItem(event.item_done().index(), event);
    case GenerateEvent::kTextDelta: return ReadItem(event.text_delta().index(), event);
    case GenerateEvent::kRefusalDelta: return ReadItem(event.refusal_delta().index(), event);
    case GenerateEvent::kReasoningDelta: return ReadItem(event.reasoning_delta().index(), event);
    case GenerateEvent::kToolInputDelta: return ReadItem(event.tool_input_delta().index(), event);
    case GenerateEvent::kAnnotationAdded: return ReadItem(event.annotation_added().index(), event);
    case GenerateEvent::kUsageReported: usage_ = event.usage_reported().usage(); return {};
    case GenerateEvent::kFinished: return Finish(event.finished().reason());
    case GenerateEvent::kFailed: return ProviderFault("a failure, which is no part of an answer");
    // Messages has no place for these: README.md, "What is lost".
    case GenerateEvent::kHostedToolProgress:
    case GenerateEvent::kRateLimitReported:
    case GenerateEvent::kOpaque:
    case GenerateEvent::KIND_NOT_SET: return {};
  }
  return {};
}

Result<void> BlockReader::ReadItem(int index, const GenerateEvent& event) {
  if (index < 0 || index >= kMaxItems) return ProviderFault("item " + std::to_string(index));
  // After a stop sequence only the end and what it cost count; a late word about an item that is over says nothing new.
  if (stops_.stopped() || index < current_) return {};
  if (index == current_) return Tell(event);
  waiting_bytes_ += event.ByteSizeLong();
  if (waiting_bytes_ > kMaxWaitingBytes) return ProviderFault("too much about later items before the first was over");
  waiting_[index].push_back(event);
  return {};
}

// One event of the current item. When the item is over, those that waited for it are told.
Result<void> BlockReader::Tell(const GenerateEvent& event) {
  if (event.has_item_began()) {
    if (event.item_began().item().has_tool_call()) BeginCall(event.item_began().item().tool_call());
  } else if (event.has_text_delta()) {
    Text(event.text_delta().part(), event.text_delta().text(), false);
  } else if (event.has_refusal_delta()) {
    Text(event.refusal_delta().part(), event.refusal_delta().text(), true);
  } else if (event.has_reasoning_delta()) {
    Reasoning(event.reasoning_delta().part(), event.reasoning_delta().text());
  } else if (event.has_tool_input_delta()) {
    if (!call_begun_) return ProviderFault("input of a tool call that has not begun");
    CallInput(event.tool_input_delta().text());
  } else if (event.has_annotation_added()) {
    Cite(event.annotation_added().json());
  } else if (event.has_item_done()) {
    RETURN_IF_ERROR(Done(event.item_done().item()));
    NextItem();
    const int index = current_;
    const auto next = waiting_.find(index);
    if (next == waiting_.end()) return {};
    const std::vector<GenerateEvent> events = std::move(next->second);
    waiting_.erase(next);
    for (const GenerateEvent& waited : events) RETURN_IF_ERROR(ReadItem(index, waited));
  }
  return {};
}

// The whole item comes at its end; whatever of it was not streamed is told now.
Result<void> BlockReader::Done(const inference::v1::Item& item) {
  switch (item.kind_case()) {
    case inference::v1::Item::kMessage: DoneMessage(item.message()); break;
    case inference::v1::Item::kReasoning: DoneReasoning(item); break;
    case inference::v1::Item::kToolCall: return DoneCall(item.tool_call());
    case inference::v1::Item::kHostedTool: DoneHosted(item); break;
    case inference::v1::Item::kToolResult:
    case inference::v1::Item::kOpaque:
    case inference::v1::Item::KIND_NOT_SET: break;
  }
  return {};
}

void BlockReader::DoneMessage(const inference::v1::Message& message) {
  std::size_t told = told_bytes_;
  const auto tell_rest = [&](int part, std::string_view text, bool refusal) {
    const std::size_t known = std::min(told, text.size());
    told -= known;
    Text(part, text.substr(known), refusal);
  };
  for (int part = 0; part < message.parts_size(); ++part) {
    tell_rest(part, message.parts(part).text(), false);
    tell_rest(part, message.parts(part).refusal(), true);
  }
}

void BlockReader::DoneReasoning(const inference::v1::Item& item) {
  if (!options_.thinking) return;
  if (told_bytes_ == 0) {
    for (int part = 0; part < item.reasoning().summary_size(); ++part) Reasoning(part, item.reasoning().summary(part));
    if (item.reasoning().summary_size() == 0) Reasoning(0, item.reasoning().text());
  }
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

Result<void> BlockReader::DoneCall(const inference::v1::ToolCall& call) {
  BeginCall(call);
  if (call.input().size() > input_.size()) CallInput(std::string(call.input()).substr(input_.size()));
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

void BlockReader::DoneHosted(const inference::v1::Item& item) {
  if (item.hosted_tool().tool() != "web_search") return;
  const Search search = ReadSearch(item.hosted_tool().json());
  if (search.query.empty()) return;  // it opened a page, or looked for a word in one
  Close();
  ++web_searches_;
  const std::string id = "srvtoolu_" + (item.id().empty() ? std::to_string(current_) : item.id());
  Open({.kind = BlockKind::kServerToolUse, .id = id, .name = "web_search", .data = {}});
  std::string input = "{\"query\":";
  wire::AppendJsonString(input, search.query);
  listener_.OnDelta(DeltaKind::kInputJson, input + "}");
  Close();
  Open({.kind = BlockKind::kWebSearchResult, .id = id, .name = {}, .data = search.results_json});
  Close();
}

void BlockReader::NextItem() {
  Close();
  ++current_;
  part_ = -1;
  told_bytes_ = 0;
  call_begun_ = false;
  custom_call_ = false;
  input_.clear();
}

void BlockReader::Text(int part, std::string_view text, bool refusal) {
  if (text.empty() || stops_.stopped()) return;
  refused_ |= refusal;
  if (part_ != part) Close();
  part_ = part;
  told_bytes_ += text.size();
  if (options_.restore_schema.empty() || refusal) return ShowText(text);
  held_.append(text);  // only the whole can be brought into its shape
}

void BlockReader::ShowText(std::string_view text) {
  const std::string_view shown = stops_.Feed(text);
  if (!shown.empty()) {
    if (!block_open_) Open({.kind = BlockKind::kText, .id = {}, .name = {}, .data = {}});
    block_text_.append(shown);
    listener_.OnDelta(DeltaKind::kText, shown);
  }
  if (stops_.stopped()) Close();
}

void BlockReader::Reasoning(int part, std::string_view text) {
  if (text.empty() || !options_.thinking) return;
  told_bytes_ += text.size();
  if (options_.omit_thinking) return;
  if (!block_open_) {
    Open({.kind = BlockKind::kThinking, .id = {}, .name = {}, .data = {}});
  } else if (part_ != part) {
    listener_.OnDelta(DeltaKind::kThinking, kPartBreak);
  }
  part_ = part;
  listener_.OnDelta(DeltaKind::kThinking, text);
}

void BlockReader::BeginCall(const inference::v1::ToolCall& call) {
  if (call_begun_) return;
  call_begun_ = true;
  ++calls_;
  custom_call_ = call.kind() == inference::v1::TOOL_KIND_CUSTOM;
  Close();
  Open({.kind = BlockKind::kToolUse,
        .id = call.call_id(),
        .name = std::string(options_.names.Restore(call.name())),
        .data = {}});
  if (custom_call_) listener_.OnDelta(DeltaKind::kInputJson, kWrapperOpen);
}

void BlockReader::CallInput(std::string_view text) {
  if (text.empty()) return;
  input_.append(text);
  if (!custom_call_) return listener_.OnDelta(DeltaKind::kInputJson, text);
  std::string escaped;
  wire::AppendJsonString(escaped, text);
  listener_.OnDelta(DeltaKind::kInputJson, std::string_view(escaped).substr(1, escaped.size() - 2));
}

void BlockReader::Cite(std::string_view annotation) {
  if (!block_open_ || block_kind_ != BlockKind::kText) return;
  const std::string citation = CitationJson(annotation, block_text_);
  if (!citation.empty()) listener_.OnDelta(DeltaKind::kCitation, citation);
}

void BlockReader::Open(Block block) {
  block_open_ = true;
  block_kind_ = block.kind;
  block_text_.clear();
  listener_.OnBlock(block);
}

void BlockReader::Close() {
  if (!held_.empty()) ShowText(RestoreAnswer(std::exchange(held_, {}), options_.restore_schema));
  // What looked like the beginning of a stop sequence was none.
  if (const std::string_view rest = stops_.Flush(); !rest.empty()) {
    if (!block_open_) Open({.kind = BlockKind::kText, .id = {}, .name = {}, .data = {}});
    listener_.OnDelta(DeltaKind::kText, rest);
  }
  if (!block_open_) return;
  block_open_ = false;
  listener_.OnBlockEnd();
}

Result<void> BlockReader::Finish(inference::v1::FinishReason reason) {
  Close();
  // Items that never came to their end: nothing of them is held back for ever.
  while (!waiting_.empty()) {
    const int index = waiting_.begin()->first;
    NextItem();
    current_ = index;
    const std::vector<GenerateEvent> events = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    for (const GenerateEvent& event : events) RETURN_IF_ERROR(ReadItem(index, event));
  }
  Close();
  phase_ = Phase::kEnded;
  Ending ending;
  ending.usage = usage_;
  ending.web_searches = web_searches_;
  ending.stop_reason = StopReasonName(reason, calls_ > 0, refused_);
  if (stops_.stopped()) {
    ending.stop_reason = "stop_sequence";
    ending.stop_sequence = stops_.matched();
  }
  listener_.OnFinished(ending);
  return {};
}

}  // namespace patchbay::frontend::anthropic
