#include "workers/frontend/dialects/common/reply/item_sequence.h"

#include <algorithm>
#include <string>
#include <utility>

namespace patchbay::frontend {
namespace {

using inference::v1::GenerateEvent;

Error OutOfOrder(std::string what) {
  return Error(ErrorCode::kProtocol, "event out of order: " + std::move(what)).From(Origin::kUpstream);
}

// What of `whole` is not among the `told` bytes; those of it that are, are taken from them.
std::string_view Untold(std::string_view whole, std::size_t& told) {
  const std::size_t known = std::min(told, whole.size());
  told -= known;
  return whole.substr(known);
}

}  // namespace

Result<void> ItemSequence::Read(const GenerateEvent& event) {
  // Rate limits come with the head, before anything is said.
  const bool any_time = event.has_rate_limit_reported();
  if (phase_ == Phase::kEnded) return OutOfOrder("something after the end");
  if (phase_ == Phase::kIdle && !any_time && !event.has_started()) return OutOfOrder("something before the start");
  switch (event.kind_case()) {
    case GenerateEvent::kStarted:
      if (phase_ != Phase::kIdle) return OutOfOrder("a second start");
      phase_ = Phase::kOpen;
      listener_.OnStarted(event.started());
      return {};
    case GenerateEvent::kItemBegan:
      return Take(event.item_began().index(), event.item_began().item().has_tool_call(), event);
    case GenerateEvent::kItemDone:
      return Take(event.item_done().index(), event.item_done().item().has_tool_call(), event);
    case GenerateEvent::kTextDelta: return Take(event.text_delta().index(), false, event);
    case GenerateEvent::kRefusalDelta: return Take(event.refusal_delta().index(), false, event);
    case GenerateEvent::kReasoningDelta: return Take(event.reasoning_delta().index(), false, event);
    case GenerateEvent::kToolInputDelta: return Take(event.tool_input_delta().index(), true, event);
    case GenerateEvent::kAnnotationAdded: return Take(event.annotation_added().index(), false, event);
    case GenerateEvent::kHostedToolProgress: listener_.OnHostedProgress(event.hosted_tool_progress()); return {};
    case GenerateEvent::kUsageReported: listener_.OnUsage(event.usage_reported().usage()); return {};
    case GenerateEvent::kFinished: return Finish(event.finished());
    case GenerateEvent::kFailed: return OutOfOrder("a failure, which is no part of an answer");
    // No client dialect that is translated to has a place for these: their README.md, "What is lost".
    case GenerateEvent::kRateLimitReported:
    case GenerateEvent::kOpaque:
    case GenerateEvent::KIND_NOT_SET: return {};
  }
  return {};
}

Result<void> ItemSequence::Take(int item, bool call, const GenerateEvent& event) {
  if (item < 0 || item >= kMaxItems) return OutOfOrder("item " + std::to_string(item));
  if (static_cast<std::size_t>(item) >= items_.size()) items_.resize(static_cast<std::size_t>(item) + 1);
  if (!call && one_by_one_ == OneByOne::kCalls) return Tell(item, event);
  if (current_ == kNone && !StateOf(item).over) current_ = item;
  if (current_ != item) return Wait(item, event);
  RETURN_IF_ERROR(Tell(item, event));
  return event.has_item_done() ? TellNext() : Result<void>();
}

Result<void> ItemSequence::Wait(int item, const GenerateEvent& event) {
  if (StateOf(item).over) return {};
  Waiting& waiting = waiting_[item];
  // Most of what ever waits is the input of a call, which comes in many small pieces: they become one.
  const bool goes_on =
      event.has_tool_input_delta() && !waiting.events.empty() && waiting.events.back().has_tool_input_delta();
  const std::size_t bytes =
      goes_on ? event.tool_input_delta().text().size() : sizeof(GenerateEvent) + event.ByteSizeLong();
  waiting.bytes += bytes;
  waiting_bytes_ += bytes;
  if (waiting_bytes_ > kMaxWaitingBytes) return OutOfOrder("too much about later items before the first was over");
  if (goes_on) {
    waiting.events.back().mutable_tool_input_delta()->mutable_text()->append(event.tool_input_delta().text());
  } else {
    waiting.events.push_back(event);
  }
  return {};
}

// The item that was told is over, or will never be: on with the next, and with those that are over meanwhile.
Result<void> ItemSequence::TellNext() {
  current_ = kNone;
  while (current_ == kNone && !waiting_.empty()) {
    const auto next = waiting_.extract(waiting_.begin());
    const int item = next.key();
    waiting_bytes_ -= next.mapped().bytes;
    current_ = item;
    for (const GenerateEvent& event : next.mapped().events) RETURN_IF_ERROR(Tell(item, event));
    if (StateOf(item).over) current_ = kNone;
  }
  return {};
}

Result<void> ItemSequence::Tell(int item, const GenerateEvent& event) {
  // A late word about an item that is over says nothing new.
  if (StateOf(item).over) return {};
  if (event.has_item_began()) {
    if (event.item_began().item().has_tool_call()) Call(item, event.item_began().item().tool_call());
  } else if (event.has_text_delta()) {
    Text(item, event.text_delta().part(), event.text_delta().text());
  } else if (event.has_refusal_delta()) {
    Refusal(item, event.refusal_delta().part(), event.refusal_delta().text());
  } else if (event.has_reasoning_delta()) {
    Reasoning(item, event.reasoning_delta().part(), event.reasoning_delta().text());
  } else if (event.has_tool_input_delta()) {
    if (!StateOf(item).call_begun) return OutOfOrder("input of a tool call that has not begun");
    CallInput(item, event.tool_input_delta().text());
  } else if (event.has_annotation_added()) {
    Citation(item, event.annotation_added().part(), event.annotation_added().citation());
  } else if (event.has_item_done()) {
    TellTheRest(item, event.item_done().item());
    StateOf(item).over = true;
    return listener_.OnItemDone(item, event.item_done().item());
  }
  return {};
}

// The whole item comes at its end; whatever of it was not streamed is told now.
void ItemSequence::TellTheRest(int item, const inference::v1::Item& whole) {
  const ItemState told = StateOf(item);
  if (whole.has_message()) {
    std::size_t text_bytes = told.text_bytes, refusal_bytes = told.refusal_bytes;
    int citations = told.citations;
    for (int part = 0; part < whole.message().parts_size(); ++part) {
      Text(item, part, Untold(whole.message().parts(part).text(), text_bytes));
      Refusal(item, part, Untold(whole.message().parts(part).refusal(), refusal_bytes));
      for (const auto& citation : whole.message().parts(part).citations()) {
        if (citations-- <= 0) Citation(item, part, citation);
      }
    }
  } else if (whole.has_tool_call()) {
    Call(item, whole.tool_call());
    std::size_t input_bytes = told.input_bytes;
    CallInput(item, Untold(whole.tool_call().input(), input_bytes));
  } else if (whole.has_reasoning() && told.reasoning_bytes == 0) {
    const auto& reasoning = whole.reasoning();
    for (int part = 0; part < reasoning.summary_size(); ++part) Reasoning(item, part, reasoning.summary(part));
    if (reasoning.summary_size() == 0) Reasoning(item, 0, reasoning.text());
  }
}

void ItemSequence::Text(int item, int part, std::string_view text) {
  if (text.empty()) return;
  StateOf(item).text_bytes += text.size();
  listener_.OnText(item, part, text);
}

void ItemSequence::Refusal(int item, int part, std::string_view text) {
  if (text.empty()) return;
  StateOf(item).refusal_bytes += text.size();
  listener_.OnRefusal(item, part, text);
}

void ItemSequence::Reasoning(int item, int part, std::string_view text) {
  if (text.empty()) return;
  StateOf(item).reasoning_bytes += text.size();
  listener_.OnReasoning(item, part, text);
}

void ItemSequence::Citation(int item, int part, const inference::v1::Citation& citation) {
  ++StateOf(item).citations;
  listener_.OnCitation(item, part, citation);
}

void ItemSequence::Call(int item, const inference::v1::ToolCall& call) {
  if (std::exchange(StateOf(item).call_begun, true)) return;
  listener_.OnCall(item, call);
}

void ItemSequence::CallInput(int item, std::string_view text) {
  if (text.empty()) return;
  StateOf(item).input_bytes += text.size();
  listener_.OnCallInput(item, text);
}

// Items that never came to their end: nothing of them is held back for ever.
Result<void> ItemSequence::Finish(const inference::v1::Finished& finished) {
  while (!waiting_.empty()) RETURN_IF_ERROR(TellNext());
  phase_ = Phase::kEnded;
  listener_.OnFinished(finished);
  return {};
}

}  // namespace patchbay::frontend
