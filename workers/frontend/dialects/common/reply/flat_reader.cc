#include "workers/frontend/dialects/common/reply/flat_reader.h"

#include <algorithm>
#include <string>

namespace patchbay::frontend {
namespace {

using inference::v1::GenerateEvent;

constexpr std::string_view kBlankLine = "\n\n";

Error OutOfOrder(std::string what) {
  return Error(ErrorCode::kProtocol, "event out of order: " + std::move(what)).From(Origin::kUpstream);
}

// UTF-8 continuation bytes are 10xxxxxx; everything else begins a character.
std::int64_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

Result<void> FlatReader::Read(const GenerateEvent& event) {
  // Rate limits come with the head, before anything is said.
  const bool any_time = event.has_rate_limit_reported();
  if (phase_ == Phase::kEnded) return OutOfOrder("something after the end");
  if (phase_ == Phase::kIdle && !any_time && !event.has_started()) return OutOfOrder("something before the start");
  // After a stop sequence only the end and what it cost count.
  const bool ends = event.has_usage_reported() || event.has_finished();
  if (stops_.stopped() && !ends) return {};
  switch (event.kind_case()) {
    case GenerateEvent::kStarted:
      if (phase_ != Phase::kIdle) return OutOfOrder("a second start");
      phase_ = Phase::kOpen;
      listener_.OnStarted(event.started());
      return {};
    case GenerateEvent::kItemBegan: return Began(event.item_began());
    case GenerateEvent::kItemDone: return Done(event.item_done());
    case GenerateEvent::kTextDelta: return Text(event.text_delta().index(), event.text_delta().text());
    case GenerateEvent::kRefusalDelta: return Refusal(event.refusal_delta().index(), event.refusal_delta().text());
    case GenerateEvent::kReasoningDelta: {
      const auto& delta = event.reasoning_delta();
      return Reasoning(delta.index(), delta.part(), delta.text());
    }
    case GenerateEvent::kToolInputDelta:
      return CallInput(event.tool_input_delta().index(), event.tool_input_delta().text());
    case GenerateEvent::kAnnotationAdded: {
      ASSIGN_OR_RETURN(const ItemState* state, StateOf(event.annotation_added().index()));
      listener_.OnAnnotation(event.annotation_added().json(), state->first_character);
      return {};
    }
    case GenerateEvent::kUsageReported: listener_.OnUsage(event.usage_reported().usage()); return {};
    case GenerateEvent::kFinished: Finish(event.finished().reason()); return {};
    case GenerateEvent::kFailed: return OutOfOrder("a failure, which is no part of an answer");
    case GenerateEvent::kHostedToolProgress: listener_.OnHostedProgress(event.hosted_tool_progress()); return {};
    // These dialects have no place for them: their README.md, "What is lost".
    case GenerateEvent::kRateLimitReported:
    case GenerateEvent::kOpaque:
    case GenerateEvent::KIND_NOT_SET: return {};
  }
  return {};
}

Result<FlatReader::ItemState*> FlatReader::StateOf(int index) {
  if (index < 0 || index >= kMaxItems) return OutOfOrder("item " + std::to_string(index));
  if (static_cast<std::size_t>(index) >= items_.size()) items_.resize(static_cast<std::size_t>(index) + 1);
  return &items_[static_cast<std::size_t>(index)];
}

Result<void> FlatReader::Began(const inference::v1::ItemBegan& event) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(event.index()));
  if (event.item().has_tool_call()) BeginCall(event.index(), *state, event.item().tool_call());
  return {};
}

Result<void> FlatReader::Done(const inference::v1::ItemDone& event) {
  RETURN_IF_ERROR(TellTheRest(event));
  if (const auto waiting = waiting_.find(event.index()); waiting != waiting_.end()) {
    waiting->second.over = true;
    waiting->second.item = event.item();
    return {};
  }
  listener_.OnItemDone(event.item());
  if (told_call_ == event.index()) TellWaitingCalls();
  return {};
}

// The whole item comes at its end; whatever of it was not streamed is told now.
Result<void> FlatReader::TellTheRest(const inference::v1::ItemDone& event) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(event.index()));
  const auto& item = event.item();
  if (item.has_message()) return DoneMessage(event.index(), item.message());
  if (item.has_tool_call()) {
    BeginCall(event.index(), *state, item.tool_call());
    const std::string& input = item.tool_call().input();
    if (input.size() > state->input_bytes) {
      return CallInput(event.index(), std::string_view(input).substr(state->input_bytes));
    }
    // Clients parse the arguments as JSON, which an empty string is not.
    if (state->input_bytes == 0 && state->kind == inference::v1::TOOL_KIND_FUNCTION)
      return CallInput(event.index(), "{}");
    return {};
  }
  if (item.has_reasoning() && state->reasoning_bytes == 0) {
    for (int part = 0; part < item.reasoning().summary_size(); ++part) {
      RETURN_IF_ERROR(Reasoning(event.index(), part, item.reasoning().summary(part)));
    }
    if (item.reasoning().summary_size() == 0) return Reasoning(event.index(), 0, item.reasoning().text());
  }
  return {};
}

Result<void> FlatReader::DoneMessage(int index, const inference::v1::Message& message) {
  std::string text, refusal;
  for (const auto& part : message.parts()) {
    text.append(part.text());
    refusal.append(part.refusal());
  }
  ASSIGN_OR_RETURN(const ItemState* state, StateOf(index));
  if (text.size() > state->text_bytes) {
    RETURN_IF_ERROR(Text(index, std::string_view(text).substr(state->text_bytes)));
  }
  if (refusal.size() > state->refusal_bytes) {
    RETURN_IF_ERROR(Refusal(index, std::string_view(refusal).substr(state->refusal_bytes)));
  }
  return {};
}

void FlatReader::BeginCall(int index, ItemState& state, const inference::v1::ToolCall& call) {
  if (state.call >= 0 || waiting_.count(index) > 0) return;
  state.kind = call.kind();
  if (told_call_ >= 0) {
    waiting_[index].call = call;
    return;
  }
  told_call_ = index;
  state.call = calls_++;
  listener_.OnCall(state.call, call);
}

// The call that was told is over, or will never be: on with the next, and with those that are over meanwhile.
void FlatReader::TellWaitingCalls() {
  told_call_ = -1;
  while (told_call_ < 0 && !waiting_.empty()) {
    const auto next = waiting_.extract(waiting_.begin());
    const WaitingCall& waited = next.mapped();
    ItemState& state = items_[static_cast<std::size_t>(next.key())];
    BeginCall(next.key(), state, waited.call);
    if (!waited.input.empty()) listener_.OnCallInput(state.call, state.kind, waited.input);
    waiting_bytes_ -= waited.input.size();
    if (!waited.over) return;
    listener_.OnItemDone(waited.item);
    told_call_ = -1;
  }
}

Result<void> FlatReader::Text(int index, std::string_view text) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(index));
  if (text.empty()) return {};
  if (text_item_ != index) {
    if (text_item_ >= 0) {
      Show(kBlankLine);
      characters_ += static_cast<std::int64_t>(kBlankLine.size());
    }
    text_item_ = index;
    if (state->text_bytes == 0) state->first_character = characters_;
  }
  state->text_bytes += text.size();
  characters_ += CountCharacters(text);
  Show(text);
  return {};
}

void FlatReader::Show(std::string_view text) {
  const std::string_view shown = stops_.Feed(text);
  if (!shown.empty()) listener_.OnText(shown);
}

Result<void> FlatReader::Refusal(int index, std::string_view text) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(index));
  if (text.empty()) return {};
  state->refusal_bytes += text.size();
  listener_.OnRefusal(text);
  return {};
}

Result<void> FlatReader::Reasoning(int index, int part, std::string_view text) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(index));
  if (text.empty()) return {};
  if (reasoning_item_ >= 0 && (reasoning_item_ != index || reasoning_part_ != part)) listener_.OnReasoning(kBlankLine);
  reasoning_item_ = index;
  reasoning_part_ = part;
  state->reasoning_bytes += text.size();
  listener_.OnReasoning(text);
  return {};
}

Result<void> FlatReader::CallInput(int index, std::string_view text) {
  ASSIGN_OR_RETURN(ItemState * state, StateOf(index));
  const auto waiting = waiting_.find(index);
  if (state->call < 0 && waiting == waiting_.end()) return OutOfOrder("input of a tool call that has not begun");
  if (text.empty()) return {};
  state->input_bytes += text.size();
  if (waiting != waiting_.end()) {
    waiting_bytes_ += text.size();
    if (waiting_bytes_ > kMaxWaitingBytes) return OutOfOrder("too much about later calls before the first was over");
    waiting->second.input.append(text);
    return {};
  }
  listener_.OnCallInput(state->call, state->kind, text);
  return {};
}

void FlatReader::Finish(inference::v1::FinishReason reason) {
  phase_ = Phase::kEnded;
  if (const std::string_view rest = stops_.Flush(); !rest.empty()) listener_.OnText(rest);
  if (stops_.stopped()) return listener_.OnFinished(inference::v1::FINISH_REASON_STOP);
  while (!waiting_.empty()) TellWaitingCalls();
  // A provider that says "stop" after asking for tools means the tools (client-protocols G.1).
  if (reason == inference::v1::FINISH_REASON_UNSPECIFIED || reason == inference::v1::FINISH_REASON_STOP) {
    reason = calls_ > 0 ? inference::v1::FINISH_REASON_TOOL_CALLS : inference::v1::FINISH_REASON_STOP;
  }
  listener_.OnFinished(reason);
}

}  // namespace patchbay::frontend
