#include "workers/frontend/dialects/common/reply/logprobs.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend {
namespace {

void AppendLogprob(const inference::v1::TokenLogprob& logprob, bool with_top, wire::JsonWriter& json) {
  json.BeginObject().Key("token").String(logprob.token()).Key("logprob").Double(logprob.logprob());
  json.Key("bytes").BeginArray();
  for (const char byte : logprob.bytes()) json.Int(static_cast<unsigned char>(byte));
  json.EndArray();
  if (with_top) {
    json.Key("top_logprobs").BeginArray();
    for (const inference::v1::TokenLogprob& other : logprob.top()) AppendLogprob(other, false, json);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

std::string LogprobsJson(const TokenLogprobs& logprobs) {
  std::string out;
  wire::JsonWriter json(out);
  for (const inference::v1::TokenLogprob& logprob : logprobs) AppendLogprob(logprob, true, json);
  return out;
}

}  // namespace patchbay::frontend
