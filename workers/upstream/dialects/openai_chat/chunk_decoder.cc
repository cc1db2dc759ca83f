#include "workers/upstream/dialects/openai_chat/chunk_decoder.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/dialects/openai_chat/error_decoder.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;

// Shorter beginnings may be repeated by chance.
constexpr std::size_t kToldAgainMin = 16;

inf::FinishReason FinishReasonOf(std::string_view word, bool called_tool) {
  if (word == "length" || word == "max_tokens" || word == "model_length") return inf::FINISH_REASON_LENGTH;
  if (word == "content_filter" || word == "sensitive") return inf::FINISH_REASON_CONTENT_FILTER;
  // Many hosts say "stop" where there are calls, and some have words of their own for either.
  return called_tool ? inf::FINISH_REASON_TOOL_CALLS : inf::FINISH_REASON_STOP;
}

inf::Tier TierOf(std::string_view word) {
  if (word == "default" || word == "standard") return inf::TIER_STANDARD;
  if (word == "priority") return inf::TIER_PRIORITY;
  if (word == "flex") return inf::TIER_FLEX;
  return word == "scale" ? inf::TIER_SCALE : inf::TIER_UNSPECIFIED;
}

// Reasons that are none, but the provider's failure: DeepSeek's, Z.AI's, OpenRouter's.
bool IsFailure(std::string_view word) {
  return word == "error" || word == "insufficient_system_resource" || word == "network_error";
}

}  // namespace

Result<void> ChunkDecoder::Decode(std::string_view data, GenerateEvents& out) {
  if (phase_ == Phase::kEnded) return {};
  if (Trim(data) == "[DONE]") return Finish(out);
  Chunk chunk;
  if (!ReadChunk(data, chunk)) return {};
  return Take(chunk, out);
}

Result<void> ChunkDecoder::DecodeDocument(std::string_view json, GenerateEvents& out) {
  Chunk chunk;
  const bool answer = ReadChunk(json, chunk) && (chunk.failed || !chunk.finish_reason.empty());
  if (!answer) {
    return Error(ErrorCode::kProtocol, "the provider's answer is no chat completion").From(Origin::kUpstream);
  }
  RETURN_IF_ERROR(Take(chunk, out));
  return End(out);
}

Result<void> ChunkDecoder::End(GenerateEvents& out) { return phase_ == Phase::kClosing ? Finish(out) : Result<void>(); }

Result<void> ChunkDecoder::Take(Chunk& chunk, GenerateEvents& out) {
  if (chunk.failed) return Fail(std::move(chunk.failure), out), Result<void>();
  if (!chunk.has_choices && !chunk.has_usage) return {};  // pings and other strangers
  Start(chunk, out);
  RETURN_IF_ERROR(items_.Reasoning(NewReasoning(chunk.reasoning), out));
  RETURN_IF_ERROR(TakeText(chunk, out));
  RETURN_IF_ERROR(items_.Refusal(chunk.refusal, out));
  for (const inf::Citation& citation : chunk.citations) items_.Cite(citation, out);
  for (const CallPiece& piece : chunk.calls) RETURN_IF_ERROR(items_.Call(piece, out));
  if (!chunk.service_tier.empty()) tier_ = TierOf(chunk.service_tier);
  if (chunk.has_usage) {
    summary_.usage = std::move(chunk.usage);
    summary_.has_usage = true;
  }
  if (IsFailure(chunk.finish_reason)) {
    inf::Failure failure;
    failure.set_code(std::move(chunk.finish_reason));
    failure.set_message("the provider broke off its answer");
    return Fail(std::move(failure), out), Result<void>();
  }
  if (!chunk.finish_reason.empty()) {
    finish_reason_ = std::move(chunk.finish_reason);
    stop_sequence_ = std::move(chunk.stop_sequence);
    phase_ = Phase::kClosing;
  }
  // Counted while it grows, usage is whole once there is a reason to stop.
  if (phase_ == Phase::kClosing && chunk.has_usage) return Finish(out);
  return {};
}

void ChunkDecoder::Start(const Chunk& chunk, GenerateEvents& out) {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kOpen;
  summary_.response_id = chunk.id;
  summary_.model = chunk.model;
  items_.set_response_id(chunk.id);
  inf::Started& started = *out.Add()->mutable_started();
  started.set_response_id(chunk.id);
  started.set_model(chunk.model);
  if (chunk.created > 0) SetSeconds(chunk.created, started.mutable_created_at());
}

std::string_view ChunkDecoder::NewReasoning(const std::string& reasoning) {
  if (reasoning.empty()) return {};
  const bool again = told_reasoning_.size() >= kToldAgainMin && reasoning.size() > told_reasoning_.size() &&
                     reasoning.starts_with(told_reasoning_);
  const std::string_view news = std::string_view(reasoning).substr(again ? told_reasoning_.size() : 0);
  told_reasoning_ += news;
  return news;
}

Result<void> ChunkDecoder::TakeText(Chunk& chunk, GenerateEvents& out) {
  if (chunk.text.empty() && chunk.logprobs.empty()) return {};
  if (think_.idle()) return items_.Text(chunk.text, std::move(chunk.logprobs), out);
  const ThinkSplitter::Pieces pieces = think_.Feed(chunk.text);
  RETURN_IF_ERROR(items_.Reasoning(pieces.reasoning, out));
  if (pieces.text.empty()) chunk.logprobs.clear();  // those of a tag, or of reasoning
  return items_.Text(pieces.text, std::move(chunk.logprobs), out);
}

Result<void> ChunkDecoder::Finish(GenerateEvents& out) {
  if (phase_ == Phase::kEnded) return {};
  if (phase_ == Phase::kIdle) Start({}, out);
  const ThinkSplitter::Pieces rest = think_.Finish();
  RETURN_IF_ERROR(items_.Reasoning(rest.reasoning, out));
  RETURN_IF_ERROR(items_.Text(rest.text, {}, out));
  items_.Finish(out);
  if (summary_.has_usage) {
    summary_.usage.set_tier(tier_);
    *out.Add()->mutable_usage_reported()->mutable_usage() = summary_.usage;
  }
  phase_ = Phase::kEnded;
  summary_.ended = true;
  summary_.finish_reason = FinishReasonOf(finish_reason_, items_.called_tool());
  inf::Finished& finished = *out.Add()->mutable_finished();
  finished.set_reason(summary_.finish_reason);
  finished.set_stop_sequence(stop_sequence_);
  return {};
}

void ChunkDecoder::Fail(inf::Failure failure, GenerateEvents& out) {
  failure.set_stage(inf::FAILURE_STAGE_REPORTED);
  CompleteFailure(failure);
  phase_ = Phase::kEnded;
  summary_.ended = true;
  summary_.failed = true;
  summary_.failure = failure;
  *out.Add()->mutable_failed()->mutable_failure() = std::move(failure);
}

}  // namespace patchbay::upstream::openai_chat
