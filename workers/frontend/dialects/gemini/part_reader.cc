#include "workers/frontend/dialects/gemini/part_reader.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/strict_schema.h"

namespace patchbay::frontend::gemini {
namespace {

// The beginning of a value whose object never came to its end.
std::string UnwrapCut(std::string_view text) {
  constexpr std::string_view kKey = "\"value\"";
  const std::size_t key = text.find(kKey);
  if (key == std::string_view::npos) return std::string(text);
  const std::size_t value = text.find_first_not_of(": \t\r\n", key + kKey.size());
  return std::string(text.substr(std::min(value, text.size())));
}

// What the object around an answer holds.
std::string Unwrap(std::string text, Wrapping wrapping) {
  if (wrapping == Wrapping::kNone) return text;
  const auto parsed = wire::ParseJson(text);
  if (!parsed.ok()) return UnwrapCut(text);
  const auto* value = wire::FindMember(*parsed, "value");
  if (value == nullptr) return text;
  if (wrapping == Wrapping::kText && value->is_string()) return std::string(value->get_string());
  return wire::JsonText(*value);
}

std::string_view FinishReasonName(inference::v1::FinishReason reason) {
  switch (reason) {
    case inference::v1::FINISH_REASON_LENGTH: return "MAX_TOKENS";
    case inference::v1::FINISH_REASON_CONTENT_FILTER: return "SAFETY";
    // Gemini has no reason of its own for calls.
    case inference::v1::FINISH_REASON_TOOL_CALLS:
    case inference::v1::FINISH_REASON_STOP:
    case inference::v1::FINISH_REASON_UNSPECIFIED:
    default: return "STOP";
  }
}

}  // namespace

void PartReader::OnText(std::string_view text) {
  if (identity_.wrapping != Wrapping::kNone || !identity_.restore_schema.empty()) {
    held_.append(text);
    return;
  }
  if (identity_.web_search) grounding_.AddText(text);
  listener_.OnPart({.kind = ReplyPart::Kind::kText, .text = std::string(text), .id = {}, .name = {}, .signature = {}});
}

void PartReader::OnRefusal(std::string_view text) {
  refused_ = true;
  listener_.OnPart({.kind = ReplyPart::Kind::kText, .text = std::string(text), .id = {}, .name = {}, .signature = {}});
}

void PartReader::OnReasoning(std::string_view text) {
  if (!identity_.thoughts) return;
  // Never signed: clients drop thoughts when they build the next request.
  listener_.OnPart(
      {.kind = ReplyPart::Kind::kThought, .text = std::string(text), .id = {}, .name = {}, .signature = {}});
}

void PartReader::OnCitation(const inference::v1::Citation& citation) {
  if (identity_.web_search) grounding_.AddCitation(citation);
}

void PartReader::OnItemDone(const inference::v1::Item& item) {
  if (item.has_tool_call()) {
    TellCall(item.tool_call());
  } else if (item.has_reasoning() && IsSealed(item.reasoning())) {
    reasoning_.push_back(item);
  } else if (item.has_hosted_tool()) {
    if (item.hosted_tool().has_web_search()) grounding_.AddSearch(item.hosted_tool().web_search());
    if (item.hosted_tool().has_image()) TellImage(item.hosted_tool().image());
  }
}

void PartReader::TellCall(const inference::v1::ToolCall& call) {
  std::string args = call.input().empty() ? "{}" : call.input();
  if (call.kind() == inference::v1::TOOL_KIND_CUSTOM) {
    args = boost::json::serialize(boost::json::object{{"input", call.input()}});
  }
  const auto parsed = wire::ParseJson(args);
  if (!parsed.ok() || !parsed->is_object()) {
    malformed_call_ = identity_.names.Restore(call.name());
    return;
  }
  listener_.OnPart({.kind = ReplyPart::Kind::kCall,
                    .text = args,
                    .id = call.call_id(),
                    .name = std::string(identity_.names.Restore(call.name())),
                    .signature = TakeSignature()});
}

void PartReader::TellImage(const inference::v1::GeneratedImage& image) {
  if (image.data_base64().empty()) return;
  listener_.OnPart({.kind = ReplyPart::Kind::kImage,
                    .text = image.data_base64(),
                    .id = {},
                    .name = image.media_type().empty() ? "image/png" : image.media_type(),
                    .signature = {}});
}

std::string PartReader::TakeSignature() {
  if (reasoning_.empty()) return {};
  return WrapReasoning(std::exchange(reasoning_, {}));
}

void PartReader::OnFinished(inference::v1::FinishReason reason) {
  if (!held_.empty()) {
    if (!identity_.restore_schema.empty()) held_ = RestoreAnswer(held_, identity_.restore_schema);
    listener_.OnPart({.kind = ReplyPart::Kind::kText,
                      .text = Unwrap(std::move(held_), identity_.wrapping),
                      .id = {},
                      .name = {},
                      .signature = {}});
  }
  end_.finish_reason = FinishReasonName(reason);
  if (refused_) end_.finish_reason = "SAFETY";
  if (!malformed_call_.empty()) {
    end_.finish_reason = "MALFORMED_FUNCTION_CALL";
    end_.finish_message = "the arguments of a call of '" + malformed_call_ + "' are not a JSON object";
  }
  end_.signature = TakeSignature();
  end_.grounding_json = grounding_.Encode();
  listener_.OnEnd(end_);
}

}  // namespace patchbay::frontend::gemini
