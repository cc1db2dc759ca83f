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
#include "workers/upstream/dialects/common/responses/event_types.h"
#include "workers/upstream/dialects/common/responses/item_stream.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::responses {

// Events kept back until the response is announced.
inline constexpr int kMaxHeldEvents = 16;

// What a provider says beyond the protocol, and what its words mean. Functions without state; the first two may be
// null.
struct Extras {
  EventType (*type_of)(std::string_view name) = nullptr;
  // Quota facts of an event of type kRateLimits; false when there are none.
  bool (*read_rate_limits)(std::string_view json, WallTime now, inference::v1::RateLimits& limits) = nullptr;
  inference::v1::Cause (*cause_of)(const inference::v1::Failure& failure) = nullptr;
};

class EventDecoder {
 public:
  // `now` turns the relative times of rate-limit facts into absolute ones; `extras` must outlive the decoder.
  EventDecoder(WallTime now, const Extras& extras) : now_(now), extras_(extras) {}

  // Appends the canonical events that one SSE event causes. Data that is no JSON object is skipped,
  // as the provider's own client does. kTooLarge when there are too many items.
  Result<void> Decode(const wire::SseEvent& event, GenerateEvents& out);

  // A Response that came whole, instead of events: the same as a stream of it. kProtocol for an object that is none, or
  // that has not ended.
  Result<void> DecodeDocument(std::string_view json, GenerateEvents& out);

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
  const Extras& extras_;
  Phase phase_ = Phase::kIdle;
  ItemStream items_;
  GenerateEvents held_;
  ResponseSummary summary_;
};

}  // namespace patchbay::upstream::responses
