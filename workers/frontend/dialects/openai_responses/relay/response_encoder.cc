#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"

namespace patchbay::frontend::openai_responses {

Result<bool> ResponseEncoder::Add(std::string_view bytes) {
  Result<void> seen;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    if (!seen.ok() || ended_) return;
    const auto kind = state_.See(event);
    if (!kind.ok()) {
      seen = kind.error();
    } else if (*kind == StreamState::Kind::kCompleted) {
      ended_ = true;
      final_ = MemberText(event.data, "response");
    } else if (*kind == StreamState::Kind::kFailed || *kind == StreamState::Kind::kError) {
      ended_ = true;  // as on a stream: whatever follows is nobody's answer
    }
  }));
  RETURN_IF_ERROR(std::move(seen));
  return state_.carried_output();
}

Result<std::string> ResponseEncoder::Encode() const {
  if (final_.empty()) return Error(ErrorCode::kProtocol, "the provider's answer has no end").From(Origin::kUpstream);
  ASSIGN_OR_RETURN(const std::string response, additions_.Whole(state_, StreamState::Kind::kCompleted, final_));
  additions_.Keep(response);
  return response;
}

}  // namespace patchbay::frontend::openai_responses
