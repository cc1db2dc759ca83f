#include "workers/upstream/dialects/common/responses/item_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/common/openai_words.h"
#include "workers/upstream/dialects/common/responses/hosted_decoder.h"
#include "workers/upstream/dialects/common/responses/item_decoder.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;

std::uint64_t PartBit(std::int64_t part) { return std::uint64_t{1} << std::clamp<std::int64_t>(part, 0, 63); }

int PartNumber(std::int64_t part) { return static_cast<int>(std::clamp<std::int64_t>(part, 0, 1'000'000)); }

// What stands for an item whose announcement never came.
inf::Item Unannounced(EventType delta) {
  inf::Item item;
  if (delta == EventType::kSummaryDelta || delta == EventType::kReasoningDelta) {
    item.mutable_reasoning();
  } else {
    item.mutable_message()->set_role(inf::ROLE_ASSISTANT);
  }
  return item;
}

void AddReasoning(int index, int part, bool summary, const std::string& text, GenerateEvents& out) {
  if (text.empty()) return;
  inf::ReasoningDelta& delta = *out.Add()->mutable_reasoning_delta();
  delta.set_index(index);
  delta.set_part(part);
  delta.set_summary(summary);
  delta.set_text(text);
}

void AddCitation(int index, int part, inf::Citation citation, GenerateEvents& out) {
  inf::AnnotationAdded& added = *out.Add()->mutable_annotation_added();
  added.set_index(index);
  added.set_part(part);
  *added.mutable_citation() = std::move(citation);
}

}  // namespace

// Null when the item is not known yet. An event without the index means the item being told.
ItemStream::State* ItemStream::Find(const EventFields& fields) {
  if (fields.output_index >= 0) current_ = fields.output_index;
  const auto found = items_.find(current_);
  return found == items_.end() ? nullptr : &found->second;
}

// Announces `item` without its texts and inputs: they come as deltas and in ItemDone.
Result<ItemStream::State*> ItemStream::Add(const inf::Item& item, GenerateEvents& out) {
  if (items_.size() >= kMaxOutputItems) {
    return Error(ErrorCode::kTooLarge, "the response has more than " + std::to_string(kMaxOutputItems) + " items")
        .From(Origin::kUpstream);
  }
  const int index = static_cast<int>(items_.size());
  State& state = items_[current_];
  state.index = index;
  inf::ItemBegan& began = *out.Add()->mutable_item_began();
  began.set_index(index);
  inf::Item& announced = *began.mutable_item();
  announced.set_id(item.id());
  switch (item.kind_case()) {
    case inf::Item::kMessage: announced.mutable_message()->set_role(item.message().role()); break;
    case inf::Item::kReasoning: announced.mutable_reasoning(); break;
    case inf::Item::kToolCall:
      *announced.mutable_tool_call() = item.tool_call();
      announced.mutable_tool_call()->clear_input();
      break;
    case inf::Item::kHostedTool: *announced.mutable_hosted_tool() = item.hosted_tool(); break;
    case inf::Item::kOpaque: *announced.mutable_opaque() = item.opaque(); break;
    case inf::Item::kToolResult:
    case inf::Item::KIND_NOT_SET: break;  // never decoded
  }
  return &state;
}

Result<void> ItemStream::Begin(const EventFields& fields, GenerateEvents& out) {
  inf::Item item;
  if (!DecodeItem(fields.item, item) || Find(fields) != nullptr) return {};
  RETURN_IF_ERROR(Add(item, out));
  return {};
}

Result<void> ItemStream::Finish(const EventFields& fields, GenerateEvents& out) {
  inf::Item item;
  if (!DecodeItem(fields.item, item)) return {};
  State* state = Find(fields);
  if (state == nullptr) {
    ASSIGN_OR_RETURN(state, Add(item, out));
  }
  if (std::exchange(state->done, true)) return {};
  called_tool_ |= item.has_tool_call();
  GiveMissingDeltas(*state, item, out);
  inf::ItemDone& done = *out.Add()->mutable_item_done();
  done.set_index(state->index);
  *done.mutable_item() = std::move(item);
  return {};
}

void ItemStream::GiveMissingDeltas(const State& state, const inf::Item& item, GenerateEvents& out) const {
  if (item.has_message()) {
    for (int part = 0; part < item.message().parts_size(); ++part) {
      const inf::Part& whole = item.message().parts(part);
      if ((state.parts_with_delta & PartBit(part)) != 0) continue;
      if (!whole.text().empty()) {
        inf::TextDelta& delta = *out.Add()->mutable_text_delta();
        delta.set_index(state.index);
        delta.set_part(part);
        delta.set_text(whole.text());
      } else if (!whole.refusal().empty()) {
        inf::RefusalDelta& delta = *out.Add()->mutable_refusal_delta();
        delta.set_index(state.index);
        delta.set_part(part);
        delta.set_text(whole.refusal());
      }
    }
    GiveMissingCitations(state, item.message(), out);
    return;
  }
  if (state.any_delta) return;
  if (item.has_reasoning()) {
    for (int part = 0; part < item.reasoning().summary_size(); ++part) {
      AddReasoning(state.index, part, true, item.reasoning().summary(part), out);
    }
    AddReasoning(state.index, 0, false, item.reasoning().text(), out);
  } else if (!item.tool_call().input().empty()) {
    inf::ToolInputDelta& delta = *out.Add()->mutable_tool_input_delta();
    delta.set_index(state.index);
    delta.set_text(item.tool_call().input());
  }
}

void ItemStream::GiveMissingCitations(const State& state, const inf::Message& message, GenerateEvents& out) const {
  int told = state.citations;
  for (int part = 0; part < message.parts_size(); ++part) {
    for (const inf::Citation& citation : message.parts(part).citations()) {
      if (told-- <= 0) AddCitation(state.index, part, citation, out);
    }
  }
}

Result<void> ItemStream::Delta(EventType type, const EventFields& fields, GenerateEvents& out) {
  if (fields.delta.empty()) return {};
  State* state = Find(fields);
  if (state == nullptr) {
    // Without its announcement a call has no name yet; ItemDone will tell all of it.
    if (type == EventType::kToolInputDelta) return {};
    ASSIGN_OR_RETURN(state, Add(Unannounced(type), out));
  }
  if (state->done) return {};
  const bool summary = type == EventType::kSummaryDelta;
  const std::int64_t part = summary ? fields.summary_index : fields.content_index;
  state->any_delta = true;
  state->parts_with_delta |= PartBit(part);

  const auto fill = [&](auto& delta) {
    delta.set_index(state->index);
    delta.mutable_text()->assign(fields.delta);
  };
  inf::GenerateEvent& event = *out.Add();
  if (type == EventType::kTextDelta) {
    fill(*event.mutable_text_delta());
    event.mutable_text_delta()->set_part(PartNumber(part));
    wire::JsonReader tokens(fields.logprobs);
    tokens.ForEachElement([&](wire::JsonValue token) {
      ReadOpenAiLogprob(token.RawObject(), *event.mutable_text_delta()->add_logprobs());
    });
  } else if (type == EventType::kRefusalDelta) {
    fill(*event.mutable_refusal_delta());
    event.mutable_refusal_delta()->set_part(PartNumber(part));
  } else if (type == EventType::kToolInputDelta) {
    fill(*event.mutable_tool_input_delta());
  } else {
    fill(*event.mutable_reasoning_delta());
    event.mutable_reasoning_delta()->set_part(PartNumber(part));
    event.mutable_reasoning_delta()->set_summary(summary);
  }
  return {};
}

// "response.web_search_call.searching" is at stage "searching".
Result<void> ItemStream::Progress(const EventFields& fields, std::string_view json, GenerateEvents& out) {
  const State* state = Find(fields);
  if (state == nullptr) return {};
  const std::string_view name = fields.type.substr(std::string_view("response.").size());
  constexpr std::string_view kCall = "_call";
  const std::size_t call = name.find(kCall);
  const std::size_t tool_end = std::min({call, name.find('.'), name.size()});
  const std::size_t stage_begin = call == tool_end ? call + kCall.size() : tool_end;
  std::string_view stage = name.substr(std::min(stage_begin, name.size()));
  stage.remove_prefix(std::min(stage.find_first_not_of("._"), stage.size()));
  inf::HostedToolProgress& progress = *out.Add()->mutable_hosted_tool_progress();
  progress.set_index(state->index);
  progress.set_stage(std::string(stage));
  if (stage == "partial_image") DecodePartialImage(json, progress);
  return {};
}

Result<void> ItemStream::Annotate(const EventFields& fields, GenerateEvents& out) {
  State* state = Find(fields);
  inf::Citation citation;
  if (state == nullptr || state->done || !DecodeCitation(fields.annotation, citation)) return {};
  ++state->citations;
  AddCitation(state->index, PartNumber(fields.content_index), std::move(citation), out);
  return {};
}

}  // namespace patchbay::upstream::responses
