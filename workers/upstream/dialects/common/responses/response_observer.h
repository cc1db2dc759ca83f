// Watches a response that passes byte for byte: which id and model, how it ended, what it used.
//
// Only the handful of events that tell this are parsed; deltas cost one look at their event name.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "lib/wire/sse.h"
#include "workers/upstream/dialects/common/responses/event_decoder.h"
#include "workers/upstream/dialects/common/unfinished_event.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::responses {

class ResponsesObserver final : public ResponseObserver {
 public:
  ResponsesObserver(WallTime now, const Extras& extras) : extras_(extras), decoder_(now, extras) {}
  Result<void> Feed(std::string_view bytes) override;
  std::size_t may_be_error() const override;
  const ResponseSummary& summary() const override { return decoder_.summary(); }

 private:
  const Extras& extras_;
  wire::SseParser parser_;
  UnfinishedEvent unfinished_;
  EventDecoder decoder_;
  GenerateEvents scratch_;
};

}  // namespace patchbay::upstream::responses
