#include "workers/frontend/dialects/gemini/logprobs_result.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::gemini {
namespace {

void AppendTokens(const TokenLogprobs& logprobs, wire::JsonWriter& json) {
  json.BeginArray();
  for (const inference::v1::TokenLogprob& logprob : logprobs) {
    json.BeginObject().Key("token").String(logprob.token());
    json.Key("logProbability").Double(logprob.logprob()).EndObject();
  }
  json.EndArray();
}

}  // namespace

void AppendLogprobsResult(const TokenLogprobs& logprobs, std::string& out) {
  if (logprobs.empty()) return;
  out.append(R"(,"logprobsResult":)");
  wire::JsonWriter json(out);
  json.BeginObject().Key("topCandidates").BeginArray();
  for (const inference::v1::TokenLogprob& logprob : logprobs) {
    json.BeginObject().Key("candidates");
    AppendTokens(logprob.top(), json);
    json.EndObject();
  }
  json.EndArray().Key("chosenCandidates");
  AppendTokens(logprobs, json);
  json.EndObject();
}

}  // namespace patchbay::frontend::gemini
