#include "workers/frontend/responses_socket/socket_life.h"

#include <algorithm>
#include <utility>

namespace patchbay::frontend {

int RelayedCloseCode(int code) {
  if (code == close_code::kNoStatus) return close_code::kNormal;
  // Codes that may stand in a close frame; whatever else was seen, the connection broke.
  const bool standard = code >= 1000 && code <= 1014 && code != 1004 && code != close_code::kAbnormal;
  const bool of_libraries = code >= 3000 && code <= 4999;
  return standard || of_libraries ? code : close_code::kInternal;
}

bool SocketLife::Add(Frame frame) {
  if (queue_.size() >= kMaxQueuedTurns) return false;
  queue_.push_back(std::move(frame));
  return true;
}

void SocketLife::CloseWith(int code, std::string reason) {
  if (code_ != 0) return;
  code_ = code;
  reason_ = std::move(reason);
}

SocketLife::Step SocketLife::Next(SteadyTime now) {
  Step step;
  const auto close = [&](int code, std::string reason) {
    step.kind = Step::Kind::kClose;
    step.code = code;
    step.reason = std::move(reason);
    return std::move(step);
  };
  if (gone_) {
    step.kind = Step::Kind::kGone;
    return step;
  }
  if (code_ != 0) return close(code_, reason_);
  if (draining_) return close(close_code::kServiceRestart, "the gateway restarts");
  const SteadyTime old_at = opened_at_ + limits_.lifetime;
  if (now >= old_at) return close(close_code::kGoingAway, "connection limit reached: create a new connection");
  if (!queue_.empty()) {
    step.kind = Step::Kind::kTurn;
    step.frame = std::move(queue_.front());
    queue_.pop_front();
    return step;
  }
  const SteadyTime idle_at = idle_since_ + limits_.idle_timeout;
  if (now >= idle_at) return close(close_code::kGoingAway, "idle");
  step.until = std::min(old_at, idle_at);
  return step;
}

}  // namespace patchbay::frontend
