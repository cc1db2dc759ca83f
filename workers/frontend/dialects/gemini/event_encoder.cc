#include "workers/frontend/dialects/gemini/event_encoder.h"

#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/lent_buffer.h"
#include "workers/frontend/dialects/gemini/error_encoder.h"
#include "workers/frontend/dialects/gemini/logprobs_result.h"

namespace patchbay::frontend::gemini {
namespace {

constexpr std::string_view kChunkHead = R"({"candidates":[{"content":{"parts":[)";
constexpr std::string_view kContentTail = R"(],"role":"model"})";
constexpr std::string_view kEmptyText = R"({"text":""})";
constexpr std::string_view kCandidateTail = R"(,"index":0}])";

}  // namespace

EventEncoder::EventEncoder(ReplyIdentity identity, Framing framing)
    : identity_(std::move(identity)), framing_(framing) {
  chunk_tail_ = R"(,"modelVersion":)";
  wire::AppendJsonString(chunk_tail_, identity_.model);
  chunk_tail_.append(R"(,"responseId":)");
  wire::AppendJsonString(chunk_tail_, identity_.id);
  chunk_tail_.push_back('}');
  // The one thing that every reader of events survives is a chunk like all others, with an empty text: one stops at
  // comments, one fails at blank lines, and one drops an answer with a chunk that has no candidates. An array takes
  // blank space anywhere.
  if (framing_ == Framing::kSse) {
    heartbeat_.append("data: ").append(kChunkHead).append(kEmptyText).append(kContentTail);
    heartbeat_.append(kCandidateTail).append(chunk_tail_);
  }
  heartbeat_.append("\n\n");
}

Result<void> EventEncoder::Encode(const inference::v1::GenerateEvent& event, std::string& out) {
  const LentBuffer lent(out_, out);
  return reader_.Read(event);
}

void EventEncoder::BeginChunk() {
  if (framing_ == Framing::kSse) {
    out_.append("data: ");
  } else {
    out_.append(first_ ? "[" : ",\r\n");
  }
  first_ = false;
}

void EventEncoder::EndChunk() {
  if (framing_ == Framing::kSse) out_.append("\n\n");
}

void EventEncoder::OnPart(ReplyPart part) {
  BeginChunk();
  out_.append(kChunkHead);
  AppendPart(part, out_);
  out_.append(kContentTail);
  AppendLogprobsResult(std::exchange(logprobs_, {}), out_);
  out_.append(kCandidateTail).append(chunk_tail_);
  EndChunk();
}

void EventEncoder::OnEnd(const ReplyEnd& end) {
  BeginChunk();
  out_.append(kChunkHead);
  // An empty text, as Google's own last chunk has: the SDKs' chats drop an answer with a chunk that has no part.
  ReplyPart nothing;
  nothing.signature = end.signature;
  AppendPart(nothing, out_);
  out_.append(kContentTail);
  AppendEnd(end, out_);
  out_.append(chunk_tail_);
  EndChunk();
}

void EventEncoder::EncodeEnd(std::string& out) {
  if (framing_ == Framing::kArray) out.append(first_ ? "[]" : "]");
}

void EventEncoder::EncodeBreak(const Problem& problem, std::string& out) {
  const LentBuffer lent(out_, out);
  BeginChunk();
  AppendError(problem, out_);
  EndChunk();
  if (framing_ == Framing::kArray) {
    out_.push_back(']');
  } else {
    // Again as Google has it, alone: the SDK of the Gemini CLI takes the event for one more chunk and its end for an
    // end, but raises an error at text that is no event. Readers of events overlook it.
    AppendError(problem, out_);
    out_.append("\n\n");
  }
}

}  // namespace patchbay::frontend::gemini
