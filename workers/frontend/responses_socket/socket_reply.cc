#include "workers/frontend/responses_socket/socket_reply.h"

#include <utility>

#include "workers/frontend/dialects/openai_responses/backends.h"

namespace patchbay::frontend {

void SocketReply::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  sight_ = quota_(granted.provider());
  encoder_.emplace(native_, request_->AdditionsFor(route, nullptr));
  ignored_ = route.ignored;
  repaired_ = route.repaired;
  held_.clear();
  if (recording_ != nullptr) {
    recording_->clear_provider_bytes();
    recording_->clear_response_body();
  }
}

Result<void> SocketReply::TakeEvent(const inference::v1::GenerateEvent&) {
  return Error(ErrorCode::kInternal, "sockets go by the byte-transparent route only");
}

Result<bool> SocketReply::TakeBytes(std::string_view frame) {
  const std::size_t before = held_.size();
  std::string shown;
  if (native_ && !sight_.passes && openai_responses::MentionsQuotaEvent(frame)) {
    shown = frame;
    if (!openai_responses::ShowQuota(sight_, now_, shown)) return false;
  }
  ASSIGN_OR_RETURN(const bool output, encoder_->Relay(shown.empty() ? frame : shown, held_));
  if (recording_ != nullptr) {
    AppendFrame(*recording_->mutable_provider_bytes(), frame, *recording_);
    for (std::size_t i = before; i < held_.size(); ++i) {
      AppendFrame(*recording_->mutable_response_body(), held_[i], *recording_);
    }
  }
  if (committed_) Commit();
  return output;
}

void SocketReply::Commit() {
  if (!std::exchange(committed_, true) && !native_) {
    writer_->Push(openai_responses::IgnoredFrame(ignored_));
    writer_->Push(openai_responses::RepairedFrame(repaired_));
  }
  for (std::string& frame : held_) writer_->Push(std::move(frame));
  held_.clear();
}

Awaitable<bool> SocketReply::Flush() { return writer_->Room(); }

}  // namespace patchbay::frontend
