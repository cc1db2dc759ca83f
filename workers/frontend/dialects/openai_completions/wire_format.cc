#include "workers/frontend/dialects/openai_completions/wire_format.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_completions {

std::string_view FinishReasonName(inference::v1::FinishReason reason) {
  switch (reason) {
    case inference::v1::FINISH_REASON_LENGTH: return "length";
    case inference::v1::FINISH_REASON_CONTENT_FILTER: return "content_filter";
    case inference::v1::FINISH_REASON_TOOL_CALLS:  // no tool is ever offered
    case inference::v1::FINISH_REASON_STOP:
    case inference::v1::FINISH_REASON_UNSPECIFIED:
    default: return "stop";
  }
}

void AppendUsage(std::string& out, const inference::v1::Usage& usage) {
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("prompt_tokens").Int(usage.input_tokens()).Key("completion_tokens").Int(usage.output_tokens());
  json.Key("total_tokens").Int(usage.input_tokens() + usage.output_tokens());
  json.Key("prompt_tokens_details").BeginObject();
  json.Key("cached_tokens").Int(usage.cached_input_tokens()).EndObject();
  json.Key("completion_tokens_details").BeginObject();
  json.Key("reasoning_tokens").Int(usage.reasoning_tokens()).EndObject().EndObject();
}

}  // namespace patchbay::frontend::openai_completions
