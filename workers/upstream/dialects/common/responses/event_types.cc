#include "workers/upstream/dialects/common/responses/event_types.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace patchbay::upstream::responses {

EventType EventTypeOf(std::string_view name, EventType (*further)(std::string_view)) {
  static const std::unordered_map<std::string_view, EventType> kTypes = {
      {"response.created", EventType::kCreated},
      {"response.in_progress", EventType::kCreated},
      {"response.queued", EventType::kCreated},
      {"response.output_item.added", EventType::kItemAdded},
      {"response.output_item.done", EventType::kItemDone},
      {"response.output_text.delta", EventType::kTextDelta},
      {"response.refusal.delta", EventType::kRefusalDelta},
      {"response.reasoning_summary_text.delta", EventType::kSummaryDelta},
      {"response.reasoning_text.delta", EventType::kReasoningDelta},
      {"response.function_call_arguments.delta", EventType::kToolInputDelta},
      {"response.custom_tool_call_input.delta", EventType::kToolInputDelta},
      {"response.output_text.annotation.added", EventType::kAnnotation},
      {"response.completed", EventType::kCompleted},
      {"response.incomplete", EventType::kIncomplete},
      {"response.failed", EventType::kFailed},
      {"error", EventType::kError},
      // Their content is in the deltas and again in output_item.done, which is authoritative.
      {"response.content_part.added", EventType::kIgnored},
      {"response.content_part.done", EventType::kIgnored},
      {"response.output_text.done", EventType::kIgnored},
      {"response.refusal.done", EventType::kIgnored},
      {"response.reasoning_summary_part.added", EventType::kIgnored},
      {"response.reasoning_summary_part.done", EventType::kIgnored},
      {"response.reasoning_summary_text.done", EventType::kIgnored},
      {"response.reasoning_text.done", EventType::kIgnored},
      {"response.function_call_arguments.done", EventType::kIgnored},
      {"response.custom_tool_call_input.done", EventType::kIgnored},
      // Routing and safety hints, timing and keep-alives for the provider's own client.
      {"response.metadata", EventType::kIgnored},
      {"responsesapi.websocket_timing", EventType::kIgnored},
      {"keepalive", EventType::kIgnored},
  };
  static constexpr std::string_view kHostedTools[] = {"response.web_search_call.", "response.image_generation_call.",
                                                      "response.file_search_call.", "response.code_interpreter_call",
                                                      "response.mcp_"};
  const auto found = kTypes.find(name);
  if (found != kTypes.end()) return found->second;
  const bool hosted = std::any_of(std::begin(kHostedTools), std::end(kHostedTools),
                                  [&](std::string_view prefix) { return name.starts_with(prefix); });
  if (hosted) return EventType::kHostedProgress;
  return further == nullptr ? EventType::kUnknown : further(name);
}

bool TellsSummary(EventType type) {
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

}  // namespace patchbay::upstream::responses
