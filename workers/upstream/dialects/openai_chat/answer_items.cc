#include "workers/upstream/dialects/openai_chat/answer_items.h"

#include <utility>

namespace patchbay::upstream::openai_chat {

namespace inf = inference::v1;

Result<std::size_t> AnswerItems::Begin(const inf::Item& announced, GenerateEvents& out) {
  if (items_.size() >= kMaxAnswerItems) {
    return Error(ErrorCode::kTooLarge, "the answer has more than " + std::to_string(kMaxAnswerItems) + " items")
        .From(Origin::kUpstream);
  }
  inf::ItemBegan& began = *out.Add()->mutable_item_began();
  began.set_index(static_cast<int>(items_.size()));
  *began.mutable_item() = announced;
  items_.push_back({announced, false});
  return items_.size() - 1;
}

void AnswerItems::Done(std::size_t& place, GenerateEvents& out) {
  const std::size_t index = std::exchange(place, kNone);
  if (index == kNone || std::exchange(items_[index].done, true)) return;
  inf::ItemDone& done = *out.Add()->mutable_item_done();
  done.set_index(static_cast<int>(index));
  *done.mutable_item() = std::move(items_[index].item);
}

Result<void> AnswerItems::Reasoning(std::string_view text, GenerateEvents& out) {
  if (text.empty()) return {};
  if (reasoning_ == kNone) {
    Done(message_, out);
    inf::Item announced;
    announced.mutable_reasoning();
    ASSIGN_OR_RETURN(reasoning_, Begin(announced, out));
  }
  items_[reasoning_].item.mutable_reasoning()->mutable_text()->append(text);
  inf::ReasoningDelta& delta = *out.Add()->mutable_reasoning_delta();
  delta.set_index(static_cast<int>(reasoning_));
  delta.set_text(text.data(), text.size());
  return {};
}

Result<void> AnswerItems::OpenMessage(GenerateEvents& out) {
  Done(reasoning_, out);
  if (message_ != kNone) return {};
  inf::Item announced;
  announced.mutable_message()->set_role(inf::ROLE_ASSISTANT);
  ASSIGN_OR_RETURN(message_, Begin(announced, out));
  return {};
}

int AnswerItems::PartOf(inf::Part::KindCase kind) {
  inf::Message& message = *items_[message_].item.mutable_message();
  for (int i = 0; i < message.parts_size(); ++i) {
    if (message.parts(i).kind_case() == kind) return i;
  }
  inf::Part& part = *message.add_parts();
  if (kind == inf::Part::kRefusal) {
    part.mutable_refusal();
  } else {
    part.mutable_text();
  }
  return message.parts_size() - 1;
}

Result<void> AnswerItems::Text(std::string_view text, std::vector<inf::TokenLogprob> logprobs, GenerateEvents& out) {
  if (text.empty() && logprobs.empty()) return {};
  RETURN_IF_ERROR(OpenMessage(out));
  const int part = PartOf(inf::Part::kText);
  items_[message_].item.mutable_message()->mutable_parts(part)->mutable_text()->append(text);
  inf::TextDelta& delta = *out.Add()->mutable_text_delta();
  delta.set_index(static_cast<int>(message_));
  delta.set_part(part);
  delta.set_text(text.data(), text.size());
  for (inf::TokenLogprob& logprob : logprobs) *delta.add_logprobs() = std::move(logprob);
  return {};
}

Result<void> AnswerItems::Refusal(std::string_view text, GenerateEvents& out) {
  if (text.empty()) return {};
  RETURN_IF_ERROR(OpenMessage(out));
  const int part = PartOf(inf::Part::kRefusal);
  items_[message_].item.mutable_message()->mutable_parts(part)->mutable_refusal()->append(text);
  inf::RefusalDelta& delta = *out.Add()->mutable_refusal_delta();
  delta.set_index(static_cast<int>(message_));
  delta.set_part(part);
  delta.set_text(text.data(), text.size());
  return {};
}

void AnswerItems::Cite(const inf::Citation& citation, GenerateEvents& out) {
  if (message_ == kNone) return;
  const int part = PartOf(inf::Part::kText);
  *items_[message_].item.mutable_message()->mutable_parts(part)->add_citations() = citation;
  inf::AnnotationAdded& added = *out.Add()->mutable_annotation_added();
  added.set_index(static_cast<int>(message_));
  added.set_part(part);
  *added.mutable_citation() = citation;
}

// By its number; another id under a number that has one is the next call (some servers number every call 0). Without
// numbers a name begins a call, and what has none goes on with the last.
AnswerItems::OpenCall& AnswerItems::FindCall(const CallPiece& piece) {
  const auto add = [&]() -> OpenCall& {
    call_of_index_[piece.index] = calls_.size();
    return calls_.emplace_back();
  };
  const auto found = call_of_index_.find(piece.index);
  if (found == call_of_index_.end()) return add();
  OpenCall& call = calls_[found->second];
  const bool told_again = !piece.id.empty() && piece.id == call.known.id;
  const bool numbered = piece.index >= 0;
  const bool another = !piece.name.empty() && !told_again &&
                       (numbered ? !piece.id.empty() && !call.known.id.empty() : !call.known.name.empty());
  return another ? add() : call;
}

Result<void> AnswerItems::Call(const CallPiece& piece, GenerateEvents& out) {
  Done(reasoning_, out);
  OpenCall& call = FindCall(piece);
  if (call.known.id.empty()) call.known.id = piece.id;
  if (call.known.name.empty()) call.known.name = piece.name;
  call.known.custom |= piece.custom;
  call.known.input += piece.input;
  if (call.known.name.empty()) return {};
  std::string_view delta = piece.input;
  if (call.place == kNone) {
    inf::Item announced;
    inf::ToolCall& tool = *announced.mutable_tool_call();
    tool.set_kind(call.known.custom ? inf::TOOL_KIND_CUSTOM : inf::TOOL_KIND_FUNCTION);
    if (call.known.id.empty()) call.known.id = "call_" + response_id_ + "_" + std::to_string(&call - calls_.data());
    tool.set_call_id(call.known.id);
    tool.set_name(call.known.name);
    ASSIGN_OR_RETURN(call.place, Begin(announced, out));
    delta = call.known.input;  // also what came before the name
  }
  if (delta.empty()) return {};
  items_[call.place].item.mutable_tool_call()->mutable_input()->append(delta);
  inf::ToolInputDelta& input = *out.Add()->mutable_tool_input_delta();
  input.set_index(static_cast<int>(call.place));
  input.set_text(delta.data(), delta.size());
  return {};
}

void AnswerItems::Finish(GenerateEvents& out) {
  reasoning_ = message_ = kNone;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    std::size_t place = i;
    Done(place, out);
  }
}

}  // namespace patchbay::upstream::openai_chat
