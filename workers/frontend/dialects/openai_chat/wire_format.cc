#include "workers/frontend/dialects/openai_chat/wire_format.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_chat {

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

std::string CitationJson(std::string_view annotation, std::int64_t base) {
  const auto parsed = wire::ParseJson(annotation);
  if (!parsed.ok() || wire::FindString(*parsed, "type") != "url_citation") return {};
  boost::json::object citation;
  for (const std::string_view key : {"start_index", "end_index"}) {
    const auto* offset = wire::FindMember(*parsed, key);
    citation[key] = base + (offset != nullptr && offset->is_int64() ? offset->get_int64() : 0);
  }
  citation["url"] = wire::FindString(*parsed, "url");
  citation["title"] = wire::FindString(*parsed, "title");
  return boost::json::serialize(boost::json::object{{"type", "url_citation"}, {"url_citation", std::move(citation)}});
}

}  // namespace patchbay::frontend::openai_chat
