// Chunks of Chat Completions → canonical events (client-protocols B.4).
//
//   kIdle ──chunk──▶ kOpen ──finish_reason──▶ kClosing ──usage | [DONE] | end of the body──▶ kEnded
//     any ──error──▶ kEnded
//
// Hosts differ in how they end: usage before, in or behind the chunk with the finish reason, or none; [DONE] or not. So
// a finish reason ends the answer once usage has come, or nothing more comes. No terminal is invented: a stream that
// stops before its finish reason ends in kOpen. Pure: the same chunks always give the same output.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_chat/answer_items.h"
#include "workers/upstream/dialects/openai_chat/chunk_reader.h"
#include "workers/upstream/dialects/openai_chat/think_splitter.h"

namespace patchbay::upstream::openai_chat {

class ChunkDecoder {
 public:
  // Appends the canonical events that the data of one event causes. Data that is no JSON object is skipped, as clients
  // do. kTooLarge when there are too many items.
  Result<void> Decode(std::string_view data, GenerateEvents& out);
  // A whole answer that came instead of a stream; kProtocol when it is none.
  Result<void> DecodeDocument(std::string_view json, GenerateEvents& out);
  // The body has ended as it should.
  Result<void> End(GenerateEvents& out);

  const ResponseSummary& summary() const { return summary_; }

 private:
  enum class Phase { kIdle, kOpen, kClosing, kEnded };

  Result<void> Take(Chunk& chunk, GenerateEvents& out);
  void Start(const Chunk& chunk, GenerateEvents& out);
  Result<void> TakeText(Chunk& chunk, GenerateEvents& out);
  // Reasoning that tells all of itself each time, as some do, without what was told before.
  std::string_view NewReasoning(const std::string& reasoning);
  Result<void> Finish(GenerateEvents& out);
  void Fail(inference::v1::Failure failure, GenerateEvents& out);

  Phase phase_ = Phase::kIdle;
  AnswerItems items_;
  ThinkSplitter think_;
  std::string told_reasoning_;  // as far as it may be told again
  std::string finish_reason_, stop_sequence_;
  inference::v1::Tier tier_ = inference::v1::TIER_UNSPECIFIED;
  ResponseSummary summary_;
};

}  // namespace patchbay::upstream::openai_chat
