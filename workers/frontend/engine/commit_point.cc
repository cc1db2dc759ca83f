#include "workers/frontend/engine/commit_point.h"

namespace patchbay::frontend {

using inference::v1::GenerateEvent;

bool CarriesOutput(const GenerateEvent& event) {
  switch (event.kind_case()) {
    case GenerateEvent::kItemDone:
    case GenerateEvent::kTextDelta:
    case GenerateEvent::kRefusalDelta:
    case GenerateEvent::kReasoningDelta:
    case GenerateEvent::kToolInputDelta:
    case GenerateEvent::kHostedToolProgress:
    case GenerateEvent::kAnnotationAdded:
    case GenerateEvent::kFinished: return true;
    case GenerateEvent::kStarted:
    case GenerateEvent::kItemBegan:
    case GenerateEvent::kUsageReported:
    case GenerateEvent::kRateLimitReported:
    case GenerateEvent::kFailed:
    case GenerateEvent::kOpaque:
    case GenerateEvent::KIND_NOT_SET: return false;
  }
  return false;
}

}  // namespace patchbay::frontend
