#include "workers/frontend/dialects/openai_responses/response_encoder.h"

namespace patchbay::frontend::openai_responses {

Result<bool> ResponseEncoder::Add(std::string_view bytes) {
  Result<void> seen;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (!seen.ok()) return;
    const auto kind = state_.See(event);
    if (!kind.ok()) {
      seen = kind.error();
    } else if (*kind == StreamState::Kind::kCompleted) {
      final_ = MemberText(event.data, "response");
    }
  }));
  RETURN_IF_ERROR(std::move(seen));
  return state_.carried_output();
}

Result<std::string> ResponseEncoder::Encode() const {
  if (final_.empty()) return Error(ErrorCode::kProtocol, "the provider's answer has no end").From(Origin::kUpstream);
  return state_.WithOutput(final_);
}

}  // namespace patchbay::frontend::openai_responses
