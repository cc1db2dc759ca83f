#include "workers/upstream/dialects/common/responses/response_observer.h"

#include <utility>

#include "lib/wire/json_reader.h"

namespace patchbay::upstream::responses {
namespace {

// The event's name, from the cheapest place that has it.
EventType TypeOf(const wire::SseEvent& event, const Extras& extras) {
  if (!event.event.empty()) return EventTypeOf(event.event, extras.type_of);
  EventType type = EventType::kUnknown;
  wire::JsonReader reader(event.data);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type") type = EventTypeOf(value.Text(), extras.type_of);
  });
  return type;
}

}  // namespace

std::size_t ResponsesObserver::may_be_error() const {
  if (unfinished_.bytes() == 0) return 0;
  std::string_view name;
  switch (unfinished_.ReadType(name)) {
    case UnfinishedEvent::Type::kNone: return 0;
    case UnfinishedEvent::Type::kUnknown: return unfinished_.bytes();
    case UnfinishedEvent::Type::kKnown: break;
  }
  const EventType type = EventTypeOf(name, extras_.type_of);
  return type == EventType::kError || type == EventType::kFailed ? unfinished_.bytes() : 0;
}

Result<void> ResponsesObserver::Feed(std::string_view bytes) {
  unfinished_.Feed(bytes);
  Result<void> result;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (result.ok() && TellsSummary(TypeOf(event, extras_))) result = decoder_.Decode(event, scratch_);
    scratch_.Clear();
  }));
  return result;
}

}  // namespace patchbay::upstream::responses
