// The names of Responses SSE events (codex-wire §6), sorted into what we do with them.
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::upstream::responses {

enum class EventType {
  kCreated,
  kItemAdded,
  kItemDone,
  kTextDelta,
  kRefusalDelta,
  kSummaryDelta,
  kReasoningDelta,
  kToolInputDelta,
  kAnnotation,
  kHostedProgress,
  kRateLimits,
  kCompleted,
  kIncomplete,
  kFailed,
  kError,
  kIgnored,  // repeats another event, or speaks to the provider's own client only
  kUnknown,
};

// `further` knows the names that a provider has beyond the protocol; null: there are none.
EventType EventTypeOf(std::string_view name, EventType (*further)(std::string_view name) = nullptr);

// Whether an event of this type says anything of the response as a whole: its id, how it ended, what it used.
bool TellsSummary(EventType type);

// Members of any event that we read. The strings live as long as the reader of the event.
struct EventFields {
  std::string_view type, delta, code, message, param;
  std::string_view item, response, error, annotation;  // JSON objects
  std::string_view logprobs;                           // a JSON array
  std::int64_t output_index = -1;
  std::int64_t content_index = 0;
  std::int64_t summary_index = 0;
};

}  // namespace patchbay::upstream::responses
