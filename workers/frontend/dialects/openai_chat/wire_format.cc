#include "workers/frontend/dialects/openai_chat/wire_format.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_chat {
namespace {

using inference::v1::Tier;

constexpr std::pair<std::string_view, Tier> kTiers[] = {{"auto", inference::v1::TIER_AUTO},
                                                        {"default", inference::v1::TIER_STANDARD},
                                                        {"priority", inference::v1::TIER_PRIORITY},
                                                        {"flex", inference::v1::TIER_FLEX},
                                                        {"scale", inference::v1::TIER_SCALE}};

}  // namespace

std::string_view TierName(Tier tier) {
  const auto* row = std::find_if(std::begin(kTiers), std::end(kTiers), [&](const auto& r) { return r.second == tier; });
  return row == std::end(kTiers) ? std::string_view() : row->first;
}

Tier TierOf(std::string_view name) {
  const auto* row = std::find_if(std::begin(kTiers), std::end(kTiers), [&](const auto& r) { return r.first == name; });
  return row == std::end(kTiers) ? inference::v1::TIER_UNSPECIFIED : row->second;
}

std::string_view FinishReasonName(inference::v1::FinishReason reason, bool legacy_functions) {
  switch (reason) {
    case inference::v1::FINISH_REASON_TOOL_CALLS: return legacy_functions ? "function_call" : "tool_calls";
    case inference::v1::FINISH_REASON_LENGTH: return "length";
    case inference::v1::FINISH_REASON_CONTENT_FILTER: return "content_filter";
    case inference::v1::FINISH_REASON_STOP:
    case inference::v1::FINISH_REASON_UNSPECIFIED:
    default: return "stop";
  }
}

void AppendUsage(std::string& out, const inference::v1::Usage& usage) {
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("prompt_tokens").Int(usage.input_tokens());
  json.Key("completion_tokens").Int(usage.output_tokens());
  json.Key("total_tokens").Int(usage.input_tokens() + usage.output_tokens());
  json.Key("prompt_tokens_details").BeginObject();
  json.Key("cached_tokens").Int(usage.cached_input_tokens()).Key("audio_tokens").Int(0).EndObject();
  json.Key("completion_tokens_details").BeginObject();
  json.Key("reasoning_tokens").Int(usage.reasoning_tokens()).Key("audio_tokens").Int(0);
  json.Key("accepted_prediction_tokens").Int(0).Key("rejected_prediction_tokens").Int(0).EndObject();
  json.EndObject();
}

std::string CitationJson(const inference::v1::Citation& citation) {
  if (!citation.has_web()) return {};
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("type").String("url_citation").Key("url_citation").BeginObject();
  json.Key("start_index").Int(citation.begin()).Key("end_index").Int(citation.end());
  json.Key("url").String(citation.web().url()).Key("title").String(citation.web().title());
  json.EndObject().EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_chat
