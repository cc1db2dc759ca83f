// Responses SSE events → canonical events (codex-wire §6).
//
//   kIdle ──created──▶ kOpen ──completed | incomplete | failed | error──▶ kEnded
//
// Canonical streams keep their grammar whatever the provider does: Started comes first (an error
// may come instead), items are as item_stream.h says, and after the terminal event nothing follows.
// No terminal is invented: a stream that stops short ends in kOpen.
// Pure: the same events always give the same output.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/wire/sse.h"
#include "workers/upstream/dialects/codex/event_types.h"
#include "workers/upstream/dialects/codex/item_stream.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::codex {

// Events kept back until the response is announced.
inline constexpr int kMaxHeldEvents = 16;

class EventDecoder {
 public:
  // `now` turns the relative times of rate-limit facts into absolute ones.
  explicit EventDecoder(WallTime now) : now_(now) {}

  // Appends the canonical events that one SSE event causes. Data that is no JSON object is skipped,
  // as the provider's own client does. kTooLarge when there are too many items.
  Result<void> Decode(const wire::SseEvent& event, GenerateEvents& out);

  const ResponseSummary& summary() const { return summary_; }

 private:
  enum class Phase { kIdle, kOpen, kEnded };

  Result<void> Dispatch(const EventFields& fields, std::string_view json, GenerateEvents& out);
  void Start(std::string_view response, GenerateEvents& out);
  inference::v1::GenerateEvent& AddOrHold(GenerateEvents& out);
  void TakeRateLimits(std::string_view json, GenerateEvents& out);
  void TakeUsage(std::string_view usage, std::string_view tier, GenerateEvents& out);
  void TakeError(const EventFields& fields, GenerateEvents& out);
  void End(EventType type, std::string_view response, GenerateEvents& out);
  void Fail(inference::v1::Failure failure, GenerateEvents& out);

  const WallTime now_;
  Phase phase_ = Phase::kIdle;
  ItemStream items_;
  GenerateEvents held_;
  ResponseSummary summary_;
};

}  // namespace patchbay::upstream::codex
