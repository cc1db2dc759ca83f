#include "workers/frontend/dialects/openai_completions/response_encoder.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_completions {

Result<std::string> ResponseEncoder::Encode() const {
  if (!reader_.ended()) return Error(ErrorCode::kProtocol, "the answer has no end").From(Origin::kUpstream);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("id").String(identity_.id).Key("object").String("text_completion");
  json.Key("created").Int(identity_.created).Key("model").String(identity_.model);
  json.Key("choices").BeginArray().BeginObject().Key("text").String(text_).Key("index").Int(0);
  std::string logprobs;
  logprobs_.AppendTo(logprobs);
  json.Key("logprobs").Raw(logprobs).Key("finish_reason").String(FinishReasonName(reason_)).EndObject().EndArray();
  if (usage_) {
    std::string usage;
    AppendUsage(usage, *usage_);
    json.Key("usage").Raw(usage);
  }
  json.EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_completions
