// Canonical events → the stream of streamGenerateContent (client-protocols E.5): server-sent events with `alt=sse`,
// else one JSON array that grows.
//
// No I/O and no clock: the same events always give the same bytes. The constant parts of a chunk are made once.
#pragma once

#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/gemini/part_reader.h"
#include "workers/frontend/dialects/gemini/wire_format.h"

namespace patchbay::frontend::gemini {

enum class Framing { kSse, kArray };

class EventEncoder final : private PartListener {
 public:
  EventEncoder(ReplyIdentity identity, Framing framing);

  // Appends the chunks that `event` causes. kProtocol as FlatReader::Read.
  Result<void> Encode(const inference::v1::GenerateEvent& event, std::string& out);
  // After the last event: closes the array.
  void EncodeEnd(std::string& out);
  // Ends the stream with an error object, in SSE once as an event and once alone; nothing is invented.
  void EncodeBreak(const Problem& problem, std::string& out);
  bool ended() const { return reader_.ended(); }
  // What a silent stream says (real-clients §7.6).
  std::string_view Heartbeat() const { return heartbeat_; }

 private:
  void OnLogprobs(const TokenLogprobs& logprobs) override { logprobs_ = logprobs; }
  void OnPart(ReplyPart part) override;
  void OnEnd(const ReplyEnd& end) override;

  void BeginChunk();
  void EndChunk();

  const ReplyIdentity identity_;
  const Framing framing_;
  std::string chunk_tail_;  // the members that every chunk ends with, and its end
  std::string heartbeat_;
  TokenLogprobs logprobs_;  // of the part that comes next
  bool first_ = true;
  std::string out_;  // the caller's buffer, while a call lasts
  PartReader reader_{identity_, *this};
};

}  // namespace patchbay::frontend::gemini
