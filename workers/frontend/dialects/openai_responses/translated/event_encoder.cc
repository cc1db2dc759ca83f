#include "workers/frontend/dialects/openai_responses/translated/event_encoder.h"

#include <algorithm>
#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/characters.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"
#include "workers/frontend/dialects/common/reply/logprobs.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;
using inf::GenerateEvent;
using PartKind = OutputPart::Kind;

Error Misplaced(std::string what) {
  return Error(ErrorCode::kProtocol, "event out of order: " + std::move(what)).From(Origin::kUpstream);
}

// What an item is when its announcement never came.
const inf::Item& MessageItem() {
  static const inf::Item kItem = [] {
    inf::Item item;
    item.mutable_message()->set_role(inf::ROLE_ASSISTANT);
    return item;
  }();
  return kItem;
}

const inf::Item& ReasoningOnlyItem() {
  static const inf::Item kItem = [] {
    inf::Item item;
    item.mutable_reasoning();
    return item;
  }();
  return kItem;
}

// What of `whole` is not among the `told` bytes; those of it that are, are taken from them.
std::string_view NotTold(std::string_view whole, std::size_t& told) {
  const std::size_t known = std::min(told, whole.size());
  told -= known;
  return whole.substr(known);
}

std::string Quoted(std::string_view member, std::string_view text) {
  std::string out = "\"" + std::string(member) + "\":";
  wire::AppendJsonString(out, text);
  return out;
}

// The events about one kind of part, and how they name it.
struct PartWords {
  std::string_view delta, done;    // events
  std::string_view index;          // the member that counts the part
  std::string_view done_member;    // the member with the whole text
  std::string_view added, closed;  // events about the part itself
};

PartWords WordsFor(PartKind kind) {
  constexpr std::string_view kAdded = "response.content_part.added", kClosed = "response.content_part.done";
  switch (kind) {
    case PartKind::kText:
      return {"response.output_text.delta", "response.output_text.done", "content_index", "text", kAdded, kClosed};
    case PartKind::kRefusal:
      return {"response.refusal.delta", "response.refusal.done", "content_index", "refusal", kAdded, kClosed};
    case PartKind::kReasoning:
      return {
          "response.reasoning_text.delta", "response.reasoning_text.done", "content_index", "text", kAdded, kClosed};
    case PartKind::kSummary: break;
  }
  return {"response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "summary_index", "text",
          "response.reasoning_summary_part.added", "response.reasoning_summary_part.done"};
}

bool IsStageOfAny(std::string_view stage) { return stage == "in_progress" || stage == "completed"; }

std::string IndexMember(const PartWords& words, int index) {
  std::string out = "\"";
  return out.append(words.index).append("\":").append(std::to_string(index));
}

}  // namespace

Result<void> EventEncoder::Encode(const GenerateEvent& event, std::string& out) {
  const LentBuffer lent(out_, out);
  // Rate limits come with the head, before anything is said.
  if (event.has_rate_limit_reported()) return {};
  if (phase_ == Phase::kEnded) return Misplaced("something after the end");
  if (event.has_started()) {
    if (phase_ != Phase::kIdle) return Misplaced("a second start");
    Start();
    return {};
  }
  if (phase_ == Phase::kIdle) return Misplaced("something before the start");
  return EncodeInside(event);
}

Result<void> EventEncoder::EncodeInside(const GenerateEvent& event) {
  switch (event.kind_case()) {
    case GenerateEvent::kItemBegan: {
      RETURN_IF_ERROR(Find(event.item_began().index(), event.item_began().item()));
      return {};
    }
    case GenerateEvent::kItemDone: {
      const inf::Item& whole = event.item_done().item();
      ASSIGN_OR_RETURN(OutputItem * item, Find(event.item_done().index(), whole));
      if (item == nullptr) return {};
      TellTheRest(*item, whole);
      Finish(*item, whole, "completed");
      return {};
    }
    case GenerateEvent::kTextDelta: {
      const inf::TextDelta& delta = event.text_delta();
      ASSIGN_OR_RETURN(OutputItem * item, Find(delta.index(), MessageItem()));
      if (item != nullptr) Text(*item, PartKind::kText, delta.part(), delta.text(), &delta);
      return {};
    }
    case GenerateEvent::kRefusalDelta: {
      const inf::RefusalDelta& delta = event.refusal_delta();
      ASSIGN_OR_RETURN(OutputItem * item, Find(delta.index(), MessageItem()));
      if (item != nullptr) Text(*item, PartKind::kRefusal, delta.part(), delta.text());
      return {};
    }
    case GenerateEvent::kReasoningDelta: {
      const inf::ReasoningDelta& delta = event.reasoning_delta();
      ASSIGN_OR_RETURN(OutputItem * item, Find(delta.index(), ReasoningOnlyItem()));
      const PartKind kind = delta.summary() ? PartKind::kSummary : PartKind::kReasoning;
      if (item != nullptr) Text(*item, kind, delta.part(), delta.text());
      return {};
    }
    case GenerateEvent::kToolInputDelta: {
      const auto found = items_.find(event.tool_input_delta().index());
      if (found == items_.end()) return Misplaced("input of a tool call that has not begun");
      if (!found->second.over) Input(found->second, event.tool_input_delta().text());
      return {};
    }
    case GenerateEvent::kHostedToolProgress: {
      const auto found = items_.find(event.hosted_tool_progress().index());
      if (found != items_.end() && !found->second.over) Progress(found->second, event.hosted_tool_progress());
      return {};
    }
    case GenerateEvent::kAnnotationAdded: {
      const inf::AnnotationAdded& added = event.annotation_added();
      ASSIGN_OR_RETURN(OutputItem * item, Find(added.index(), MessageItem()));
      if (item == nullptr) return {};
      const OutputPart* open = item->open_part();
      Annotate(*item, added.part(),
               AnnotationJson(added.citation(), open == nullptr ? 0 : CountCharacters(open->text)));
      return {};
    }
    case GenerateEvent::kUsageReported:
      usage_ = event.usage_reported().usage();
      has_usage_ = true;
      return {};
    case GenerateEvent::kFinished: End(event.finished()); return {};
    case GenerateEvent::kFailed: return Misplaced("a failure, which is no part of an answer");
    // Of another dialect, or about nothing that a client of this one could read: ../README.md, "What is lost".
    case GenerateEvent::kStarted:
    case GenerateEvent::kRateLimitReported:
    case GenerateEvent::kOpaque:
    case GenerateEvent::KIND_NOT_SET: return {};
  }
  return {};
}

void EventEncoder::Start() {
  phase_ = Phase::kOpen;
  SayResponse("response.created", {});
  SayResponse("response.in_progress", {});
}

Result<OutputItem*> EventEncoder::Find(int index, const inf::Item& item) {
  const auto found = items_.find(index);
  if (found != items_.end()) return found->second.over ? nullptr : &found->second;
  if (untold_.count(index) != 0) return nullptr;
  if (static_cast<int>(items_.size() + untold_.size()) >= kMaxOutputItems) {
    return Misplaced("more items than an answer may have");
  }
  if (!OutputItem::CanBeTold(item)) {
    untold_.insert(index);
    return nullptr;
  }
  const int number = static_cast<int>(items_.size());
  OutputItem& added =
      items_.emplace(index, OutputItem(item, number, identity_.unique, identity_.searches_tools)).first->second;
  Say("response.output_item.added",
      R"("output_index":)" + std::to_string(added.number()) + R"(,"item":)" + added.AddedJson(item));
  return &added;
}

void EventEncoder::Say(std::string_view type, std::string_view members) {
  out_.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
  out_.append("\",\"sequence_number\":").append(std::to_string(sequence_++));
  out_.append(",").append(members).append("}\n\n");
}

void EventEncoder::SayOf(const OutputItem& item, std::string_view type, std::string_view members) {
  out_.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
  out_.append("\",\"sequence_number\":").append(std::to_string(sequence_++)).append(",").append(item.place());
  if (!members.empty()) out_.append(",").append(members);
  out_.append("}\n\n");
}

void EventEncoder::SayResponse(std::string_view type, const ResponseObject::State& state) {
  response_.clear();
  identity_.response.AppendTo(response_, state);
  Say(type, R"("response":)" + response_);
}

// Parts come one after another: whatever else is said closes the one before it.
OutputPart& EventEncoder::PartOf(OutputItem& item, PartKind kind, int part) {
  if (OutputPart* open = item.open_part(); open != nullptr) {
    if (open->kind == kind && open->part == part) return *open;
    ClosePart(item);
  }
  OutputPart& added = item.AddPart(kind, part);
  const PartWords words = WordsFor(kind);
  SayOf(item, words.added, IndexMember(words, item.IndexOf(added)) + R"(,"part":)" + added.Json());
  return added;
}

void EventEncoder::ClosePart(OutputItem& item) {
  OutputPart* part = item.open_part();
  if (part == nullptr) return;
  part->open = false;
  const PartWords words = WordsFor(part->kind);
  const std::string index = IndexMember(words, item.IndexOf(*part));
  std::string whole = index + "," + Quoted(words.done_member, part->text);
  if (part->kind == PartKind::kText) whole += R"(,"logprobs":[)" + part->logprobs + "]";
  SayOf(item, words.done, whole);
  SayOf(item, words.closed, index + R"(,"part":)" + part->Json());
}

void EventEncoder::Text(OutputItem& item, PartKind kind, int part, std::string_view text,
                        const inf::TextDelta* with_logprobs) {
  if (text.empty()) return;
  if (kind == PartKind::kText) item.text_bytes += text.size();
  if (kind == PartKind::kRefusal) item.refusal_bytes += text.size();
  if (kind == PartKind::kReasoning || kind == PartKind::kSummary) item.reasoning_bytes += text.size();
  if (kind == PartKind::kRefusal && identity_.refusals_as_text) kind = PartKind::kText;
  OutputPart& open = PartOf(item, kind, part);
  open.text.append(text);
  const PartWords words = WordsFor(kind);
  out_.append("event: ").append(words.delta).append("\ndata: {\"type\":\"").append(words.delta);
  out_.append("\",\"sequence_number\":").append(std::to_string(sequence_++)).append(",").append(item.place());
  out_.append(",\"").append(words.index).append("\":").append(std::to_string(item.IndexOf(open)));
  out_.append(",\"delta\":");
  wire::AppendJsonString(out_, text);
  if (kind == PartKind::kText) {
    out_.append(",\"logprobs\":[");
    if (with_logprobs != nullptr && with_logprobs->logprobs_size() > 0) {
      const std::string logprobs = LogprobsJson(with_logprobs->logprobs());
      out_.append(logprobs);
      open.logprobs.append(open.logprobs.empty() ? "" : ",").append(logprobs);
    }
    out_.push_back(']');
  }
  out_.append("}\n\n");
}

void EventEncoder::Input(OutputItem& item, std::string_view text) {
  if (text.empty()) return;
  item.input().append(text);
  if (item.kind() == OutputItem::Kind::kSearchCall) return;  // its arguments are an object, told when it is whole
  SayOf(item,
        item.kind() == OutputItem::Kind::kCustomCall ? "response.custom_tool_call_input.delta"
                                                     : "response.function_call_arguments.delta",
        Quoted("delta", text));
}

void EventEncoder::Annotate(OutputItem& item, int part, std::string annotation) {
  if (annotation.empty()) return;
  OutputPart& open = PartOf(item, PartKind::kText, part);
  SayOf(item, "response.output_text.annotation.added",
        R"("content_index":)" + std::to_string(item.IndexOf(open)) + R"(,"annotation_index":)" +
            std::to_string(open.annotation_count++) + R"(,"annotation":)" + annotation);
  open.annotations.append(open.annotations.empty() ? "" : ",").append(annotation);
}

void EventEncoder::Progress(const OutputItem& item, const inf::HostedToolProgress& progress) {
  const std::string& stage = progress.stage();
  if (progress.has_partial_image()) {
    const inf::GeneratedImage& image = progress.partial_image();
    return SayOf(item, "response.image_generation_call.partial_image",
                 R"("partial_image_index":)" + std::to_string(progress.partial_image_index()) + "," +
                     Quoted("partial_image_b64", image.data_base64()));
  }
  const std::string_view type = item.own_type();
  const bool search = type == "web_search_call" && (stage == "searching" || IsStageOfAny(stage));
  const bool image = type == "image_generation_call" && (stage == "generating" || IsStageOfAny(stage));
  if (search || image) SayOf(item, std::string("response.").append(type).append(".").append(stage));
}

void EventEncoder::TellTheRest(OutputItem& item, const inf::Item& whole) {
  if (whole.has_message()) {
    std::size_t text_bytes = item.text_bytes, refusal_bytes = item.refusal_bytes;
    bool annotated = false;
    for (const OutputPart& part : item.parts()) annotated = annotated || part.annotation_count > 0;
    for (int i = 0; i < whole.message().parts_size(); ++i) {
      const inf::Part& part = whole.message().parts(i);
      Text(item, PartKind::kText, i, NotTold(part.text(), text_bytes));
      Text(item, PartKind::kRefusal, i, NotTold(part.refusal(), refusal_bytes));
      if (annotated) continue;
      for (const inf::Citation& citation : part.citations()) {
        Annotate(item, i, AnnotationJson(citation, CountCharacters(part.text())));
      }
    }
  } else if (whole.has_tool_call()) {
    std::size_t told = item.input().size();
    Input(item, NotTold(whole.tool_call().input(), told));
  } else if (whole.has_reasoning() && item.reasoning_bytes == 0) {
    const inf::ReasoningItem& reasoning = whole.reasoning();
    for (int i = 0; i < reasoning.summary_size(); ++i) Text(item, PartKind::kSummary, i, reasoning.summary(i));
    if (reasoning.summary_size() == 0) Text(item, PartKind::kReasoning, 0, reasoning.text());
  }
}

void EventEncoder::Finish(OutputItem& item, const inf::Item& whole, std::string_view status) {
  ClosePart(item);
  if (item.kind() == OutputItem::Kind::kCustomCall) {
    SayOf(item, "response.custom_tool_call_input.done", Quoted("input", item.input()));
  }
  if (item.kind() == OutputItem::Kind::kFunctionCall) {
    if (item.input().empty()) Input(item, "{}");  // arguments are JSON, and no text is none
    SayOf(item, "response.function_call_arguments.done",
          Quoted("name", item.name()) + "," + Quoted("arguments", item.input()));
  }
  item.over = true;
  std::string& json = done_[item.number()];
  json = item.DoneJson(whole, status);
  Say("response.output_item.done", R"("output_index":)" + std::to_string(item.number()) + R"(,"item":)" + json);
}

void EventEncoder::End(const inf::Finished& finished) {
  // Whatever the provider made of it, the client has what it asked for.
  const inf::FinishReason reason = finished.stop_sequence().empty() ? finished.reason() : inf::FINISH_REASON_STOP;
  const bool filtered = reason == inf::FINISH_REASON_CONTENT_FILTER;
  const bool incomplete = filtered || reason == inf::FINISH_REASON_LENGTH;
  // Items that never came to their end: nothing of them is held back for ever.
  for (auto& [index, item] : items_) {
    if (!item.over && item.kind() != OutputItem::Kind::kOwnForm) {
      Finish(item, inf::Item(), incomplete ? "incomplete" : "completed");
    }
  }
  phase_ = Phase::kEnded;
  const std::string output = Output();
  ResponseObject::State state;
  state.status = incomplete ? "incomplete" : "completed";
  state.output = output;
  state.usage = has_usage_ ? &usage_ : nullptr;
  if (incomplete) state.incomplete_reason = filtered ? "content_filter" : "max_output_tokens";
  SayResponse(incomplete ? "response.incomplete" : "response.completed", state);
  additions_.Keep(response_);
}

std::string EventEncoder::Output() const {
  std::string output;
  for (const auto& [number, json] : done_) output.append(output.empty() ? "" : ",").append(json);
  return output;
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  if (phase_ == Phase::kEnded) return;
  const LentBuffer lent(out_, out);
  if (phase_ == Phase::kIdle) Start();  // typed readers take nothing for an answer that was not created
  phase_ = Phase::kEnded;
  const std::string output = Output(), error = ResponseErrorJson(problem);
  ResponseObject::State state;
  state.status = "failed";
  state.output = output;
  state.error_json = error;
  state.usage = has_usage_ ? &usage_ : nullptr;
  SayResponse("response.failed", state);
}

}  // namespace patchbay::frontend::openai_responses::translated
