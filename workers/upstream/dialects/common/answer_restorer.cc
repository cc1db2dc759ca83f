#include "workers/upstream/dialects/common/answer_restorer.h"

#include <algorithm>
#include <utility>

#include "workers/upstream/dialects/common/answer_shape.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

using Restored = std::map<std::string, std::string, std::less<>>;

void RestoreWord(const Restored& words, std::string& word) {
  const auto found = words.find(word);
  if (found != words.end()) word = found->second;
}

// Whether the event tells something of an item; the rest of an answer has an end whatever its items say.
bool IsOfAnItem(const inf::GenerateEvent& event) {
  switch (event.kind_case()) {
    case inf::GenerateEvent::kItemBegan:
    case inf::GenerateEvent::kItemDone:
    case inf::GenerateEvent::kTextDelta:
    case inf::GenerateEvent::kRefusalDelta:
    case inf::GenerateEvent::kReasoningDelta:
    case inf::GenerateEvent::kToolInputDelta:
    case inf::GenerateEvent::kHostedToolProgress:
    case inf::GenerateEvent::kAnnotationAdded:
    case inf::GenerateEvent::kOpaque: return true;
    case inf::GenerateEvent::kStarted:
    case inf::GenerateEvent::kUsageReported:
    case inf::GenerateEvent::kRateLimitReported:
    case inf::GenerateEvent::kFinished:
    case inf::GenerateEvent::kFailed:
    case inf::GenerateEvent::KIND_NOT_SET: return false;
  }
  return false;
}

// Of what stands behind a stop nobody is told where it comes from.
void DropCitationsBehind(std::string_view told, inf::Part& part) {
  const auto characters =
      std::count_if(told.begin(), told.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  auto& citations = *part.mutable_citations();
  citations.erase(std::remove_if(citations.begin(), citations.end(),
                                 [&](const inf::Citation& citation) { return citation.end() > characters; }),
                  citations.end());
}

}  // namespace

AnswerRestorer::AnswerRestorer(std::unique_ptr<ResponseDecoder> inner, std::shared_ptr<const AnswerPlan> plan)
    : inner_(std::move(inner)),
      plan_(std::move(plan)),
      watches_text_(plan_->reshapes() || !plan_->stops.empty() || !plan_->begun.empty()),
      calls_(*plan_),
      begun_(plan_->begun) {}

Result<void> AnswerRestorer::Feed(std::string_view bytes, GenerateEvents& events) {
  came_.Clear();
  Result<void> fed = inner_->Feed(bytes, came_);
  RETURN_IF_ERROR(Pass(events));
  return fed;
}

Result<void> AnswerRestorer::End(GenerateEvents& events) {
  came_.Clear();
  Result<void> ended = inner_->End(came_);
  RETURN_IF_ERROR(Pass(events));
  return ended;
}

Result<void> AnswerRestorer::Pass(GenerateEvents& events) {
  for (inf::GenerateEvent& event : came_) {
    if (event.has_item_began()) RestoreCall(*event.mutable_item_began()->mutable_item());
    if (event.has_item_done()) RestoreCall(*event.mutable_item_done()->mutable_item());
    if (plan_->makes_calls_plain()) {
      inf::GenerateEvent rest;
      if (!calls_.Restore(event, rest)) continue;
      if (rest.has_tool_input_delta()) RETURN_IF_ERROR(Take(rest, events));
    }
    RETURN_IF_ERROR(Take(event, events));
  }
  if (stopped_) {
    summary_ = inner_->summary();
    if (summary_.ended && !summary_.failed) summary_.finish_reason = inf::FINISH_REASON_STOP;
  }
  return {};
}

Result<void> AnswerRestorer::Take(inf::GenerateEvent& event, GenerateEvents& events) {
  if (watches_text_) return Restore(event, events);
  *events.Add() = std::move(event);
  return {};
}

void AnswerRestorer::RestoreCall(inf::Item& item) const {
  if (!item.has_tool_call()) return;
  inf::ToolCall& call = *item.mutable_tool_call();
  RestoreWord(plan_->tool_names, *call.mutable_name());
  RestoreWord(plan_->tool_names, *call.mutable_namespace_());
  RestoreWord(plan_->call_ids, *call.mutable_call_id());
}

Result<void> AnswerRestorer::Restore(inf::GenerateEvent& event, GenerateEvents& events) {
  if (event.has_item_done() && event.item_done().item().has_message()) return TakeMessage(event, events);
  if (stopped_ && IsOfAnItem(event)) return {};
  if (event.has_text_delta()) return TakeText(event, events);
  if (event.has_finished()) {
    // Items that never came to their end.
    for (auto& [place, part] : parts_) {
      if (!stopped_) Close(place, part, events);
    }
    if (stopped_) {
      event.mutable_finished()->set_reason(inf::FINISH_REASON_STOP);
      event.mutable_finished()->set_stop_sequence(stop_);
    }
  }
  *events.Add() = std::move(event);
  return {};
}

Result<void> AnswerRestorer::TakeText(inf::GenerateEvent& event, GenerateEvents& events) {
  inf::TextDelta& delta = *event.mutable_text_delta();
  const Place place{delta.index(), delta.part()};
  // The part before is over when another one of its message begins.
  if (newest_ != place && newest_.first == place.first) {
    Close(newest_, PartAt(newest_), events);
    if (stopped_) return {};
  }
  newest_ = place;
  Part& part = PartAt(place);
  KeepTokens(part, delta);
  part.came += delta.text().size();
  if (plan_->reshapes()) return Hold(part, delta.text());
  Tell(place, part, delta.text(), events);
  return {};
}

void AnswerRestorer::KeepTokens(Part& part, inf::TextDelta& delta) const {
  if (plan_->reshapes() || !plan_->begun.empty()) return;  // the client gets another text
  std::size_t end = part.came;
  const std::size_t end_of_delta = part.came + delta.text().size();
  for (inf::TokenLogprob& token : *delta.mutable_logprobs()) {
    end = std::min(end + token.token().size(), end_of_delta);
    part.tokens.push_back({end, std::move(token)});
  }
  // A token that is a part of a character is not told by its own bytes: what is left belongs to the last one.
  if (delta.logprobs_size() > 0) part.tokens.back().at = end_of_delta;
}

// The whole message, in which the client finds what it was told and nothing else.
Result<void> AnswerRestorer::TakeMessage(inf::GenerateEvent& event, GenerateEvents& events) {
  const int index = event.item_done().index();
  if (stopped_ && index != stopped_at_.first) return {};
  inf::Message& message = *event.mutable_item_done()->mutable_item()->mutable_message();
  for (int i = 0; i < message.parts_size(); ++i) {
    if (stopped_ && i > stopped_at_.second) {
      message.mutable_parts()->DeleteSubrange(i, message.parts_size() - i);
      break;
    }
    inf::Part& whole = *message.mutable_parts(i);
    if (!whole.has_text()) continue;
    const Place place{index, i};
    Part& part = PartAt(place);
    if (!stopped_ && part.came < whole.text().size()) {
      const std::string_view rest = std::string_view(whole.text()).substr(part.came);
      part.came = whole.text().size();
      if (plan_->reshapes()) {
        RETURN_IF_ERROR(Hold(part, rest));
      } else {
        Tell(place, part, rest, events);
      }
    }
    if (!stopped_) Close(place, part, events);
    if (stopped_) DropCitationsBehind(part.told, whole);
    whole.set_text(part.told);
  }
  parts_.erase(parts_.lower_bound({index, 0}), parts_.lower_bound({index + 1, 0}));
  *events.Add() = std::move(event);
  return {};
}

AnswerRestorer::Part& AnswerRestorer::PartAt(Place place) {
  const auto found = parts_.find(place);
  if (found != parts_.end()) return found->second;
  Part& part = parts_[place];
  part.stops = StopScanner(plan_->stops);
  return part;
}

Result<void> AnswerRestorer::Hold(Part& part, std::string_view text) {
  held_bytes_ += text.size();
  if (held_bytes_ > kMaxHeldAnswerBytes) {
    return Error(ErrorCode::kTooLarge, "the answer is too long to be brought into its shape").From(Origin::kUpstream);
  }
  part.held.append(text);
  return {};
}

void AnswerRestorer::Tell(Place place, Part& part, std::string_view text, GenerateEvents& events) {
  Look(place, part, begun_.Feed(text), events);
}

void AnswerRestorer::Look(Place place, Part& part, std::string_view text, GenerateEvents& events) {
  AddDelta(place, part, part.stops.Feed(text), events);
  if (!part.stops.stopped()) return;
  stopped_ = true;
  stopped_at_ = place;
  stop_ = part.stops.matched();
}

void AnswerRestorer::Close(Place place, Part& part, GenerateEvents& events) {
  if (!part.held.empty()) {
    std::string text = std::exchange(part.held, {});
    held_bytes_ -= text.size();
    if (!plan_->schema_json.empty()) text = RestoreShape(text, plan_->schema_json);
    if (plan_->unwraps) text = Unwrap(text);
    Tell(place, part, text, events);
  }
  Look(place, part, begun_.Flush(), events);
  if (stopped_) return;
  // What looked like the beginning of a stop sequence was none.
  AddDelta(place, part, part.stops.Flush(), events);
}

void AnswerRestorer::AddDelta(Place place, Part& part, std::string_view text, GenerateEvents& events) {
  if (text.empty()) return;
  part.told.append(text);
  inf::TextDelta& delta = *events.Add()->mutable_text_delta();
  delta.set_index(place.first);
  delta.set_part(place.second);
  delta.set_text(std::string(text));
  for (; !part.tokens.empty() && part.tokens.front().at <= part.told.size(); part.tokens.pop_front()) {
    *delta.add_logprobs() = std::move(part.tokens.front().logprob);
  }
}

}  // namespace patchbay::upstream
