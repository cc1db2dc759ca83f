#include "workers/frontend/dialects/gemini/part_reader.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

namespace patchbay::frontend::gemini {
namespace {

// A JSON string without its quotes; what is none is shown as it came.
std::string WordOf(std::string text) {
  const auto parsed = wire::ParseJson(text);
  return parsed.ok() && parsed->is_string() ? std::string(parsed->get_string()) : text;
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

void PartReader::OnLogprobs(const TokenLogprobs& logprobs) {
  for (const inference::v1::TokenLogprob& logprob : logprobs) logprob_sum_ += logprob.logprob();
  logprob_count_ += logprobs.size();
  if (identity_.enum_answer) {
    held_logprobs_.MergeFrom(logprobs);
    return;
  }
  listener_.OnLogprobs(logprobs);
}

void PartReader::OnText(std::string_view text) {
  if (identity_.enum_answer) {
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
    malformed_call_ = call.name();
    return;
  }
  listener_.OnPart({.kind = ReplyPart::Kind::kCall,
                    .text = args,
                    .id = call.call_id(),
                    .name = call.name(),
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
    listener_.OnLogprobs(held_logprobs_);
    listener_.OnPart(
        {.kind = ReplyPart::Kind::kText, .text = WordOf(std::move(held_)), .id = {}, .name = {}, .signature = {}});
  }
  end_.finish_reason = FinishReasonName(reason);
  if (refused_) end_.finish_reason = "SAFETY";
  if (!malformed_call_.empty()) {
    end_.finish_reason = "MALFORMED_FUNCTION_CALL";
    end_.finish_message = "the arguments of a call of '" + malformed_call_ + "' are not a JSON object";
  }
  if (logprob_count_ > 0) end_.average_logprob = logprob_sum_ / logprob_count_;
  end_.signature = TakeSignature();
  end_.grounding_json = grounding_.Encode();
  listener_.OnEnd(end_);
}

}  // namespace patchbay::frontend::gemini
