#include "workers/frontend/dialects/openai_completions/event_encoder.h"

#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/characters.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_completions {

EventEncoder::EventEncoder(ReplyIdentity identity, bool include_usage)
    : identity_(std::move(identity)), include_usage_(include_usage) {
  chunk_head_ = R"(data: {"id":)";
  wire::AppendJsonString(chunk_head_, identity_.id);
  chunk_head_.append(R"(,"object":"text_completion","created":)").append(std::to_string(identity_.created));
  chunk_head_.append(R"(,"model":)");
  wire::AppendJsonString(chunk_head_, identity_.model);
}

Result<void> EventEncoder::Encode(const inference::v1::GenerateEvent& event, std::string& out) {
  const LentBuffer lent(out_, out);
  return reader_.Read(event);
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  out.append(R"(data: {"error":)");
  AppendOpenAiError(problem, out);
  out.append("}\n\n");
}

void EventEncoder::OnStarted(const inference::v1::Started&) {
  if (!identity_.echo.empty()) OnText(identity_.echo);
}

void EventEncoder::OnText(std::string_view text) {
  characters_ += CountCharacters(text);
  out_.append(chunk_head_).append(R"(,"choices":[{"text":)");
  wire::AppendJsonString(out_, text);
  out_.append(R"(,"index":0,"logprobs":)");
  std::exchange(logprobs_, {}).AppendTo(out_);
  out_.append(R"(,"finish_reason":null}])");
  out_.append(include_usage_ ? ",\"usage\":null}\n\n" : "}\n\n");
}

void EventEncoder::OnFinished(inference::v1::FinishReason reason) {
  out_.append(chunk_head_).append(R"(,"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":")");
  out_.append(FinishReasonName(reason)).append(include_usage_ ? "\"}],\"usage\":null}\n\n" : "\"}]}\n\n");
  if (include_usage_ && usage_) {
    out_.append(chunk_head_).append(R"(,"choices":[],"usage":)");
    AppendUsage(out_, *usage_);
    out_.append("}\n\n");
  }
  out_.append("data: [DONE]\n\n");
}

}  // namespace patchbay::frontend::openai_completions
