// Watches the frames of one turn on a WebSocket (codex-wire §10.3): as response_observer does, but each frame is an
// event by itself, and quota and errors come in frames instead of heads.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "workers/upstream/dialects/codex/extras.h"
#include "workers/upstream/dialects/common/responses/event_decoder.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::codex {

class CodexTurnObserver final : public TurnObserver {
 public:
  explicit CodexTurnObserver(WallTime now) : now_(now), decoder_(now, BackendExtras()) {}
  bool Feed(std::string_view frame) override;
  const ResponseSummary& summary() const override { return summary_; }

 private:
  void TakeError(std::string_view frame);

  const WallTime now_;
  responses::EventDecoder decoder_;
  GenerateEvents scratch_;
  ResponseSummary summary_;
};

}  // namespace patchbay::upstream::codex
