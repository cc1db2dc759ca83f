// Canonical events → the Messages SSE stream (client-protocols D.6).
//
// No I/O and no clock: the same events always give the same bytes. What is constant over a block's deltas is made once,
// so a delta costs two copies and the escaping of its text.
#pragma once

#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/anthropic/block_reader.h"
#include "workers/frontend/dialects/anthropic/wire_format.h"

namespace patchbay::frontend::anthropic {

inline constexpr std::string_view kPing = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

class EventEncoder final : private BlockListener {
 public:
  EventEncoder(ReplyIdentity identity, ReplyOptions options)
      : identity_(std::move(identity)), options_(std::move(options)) {}

  // Appends the events that `event` causes, message_stop included. kProtocol as BlockReader::Read.
  Result<void> Encode(const inference::v1::GenerateEvent& event, std::string& out);
  // Ends the stream with an error event, and without message_stop: nothing is invented.
  void EncodeBreak(const Problem& problem, std::string& out);
  bool ended() const { return reader_.ended(); }

 private:
  void OnStarted() override;
  void OnBlock(const Block& block) override;
  void OnDelta(DeltaKind kind, std::string_view text) override;
  void OnBlockEnd() override;
  void OnFinished(const Ending& ending) override;

  const ReplyIdentity identity_;
  const ReplyOptions options_;
  int index_ = -1;          // of the newest block
  std::string delta_head_;  // from "event:" to the delta's opening brace
  std::string out_;         // the caller's buffer, while a call lasts
  BlockReader reader_{options_, *this};
};

}  // namespace patchbay::frontend::anthropic
