#include "workers/upstream/dialects/codex/response_observer.h"

#include <utility>

#include "workers/upstream/dialects/json_reader.h"

namespace patchbay::upstream::codex {
namespace {

bool TellsSomething(EventType type) {
  switch (type) {
    case EventType::kCreated:
    case EventType::kItemDone:  // whether a tool was called
    case EventType::kRateLimits:
    case EventType::kCompleted:
    case EventType::kIncomplete:
    case EventType::kFailed:
    case EventType::kError: return true;
    case EventType::kItemAdded:
    case EventType::kTextDelta:
    case EventType::kRefusalDelta:
    case EventType::kSummaryDelta:
    case EventType::kReasoningDelta:
    case EventType::kToolInputDelta:
    case EventType::kAnnotation:
    case EventType::kHostedProgress:
    case EventType::kIgnored:
    case EventType::kUnknown: return false;
  }
  return false;
}

// The event's name, from the cheapest place that has it.
EventType TypeOf(const wire::SseEvent& event) {
  if (!event.event.empty()) return EventTypeOf(event.event);
  EventType type = EventType::kUnknown;
  JsonReader reader(event.data);
  reader.ForEachMember([&](std::string_view key, JsonValue value) {
    if (key == "type") type = EventTypeOf(value.Text());
  });
  return type;
}

}  // namespace

Result<void> CodexResponseObserver::Feed(std::string_view bytes) {
  Result<void> result;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (result.ok() && TellsSomething(TypeOf(event))) result = decoder_.Decode(event, scratch_);
    scratch_.Clear();
  }));
  return result;
}

}  // namespace patchbay::upstream::codex
