#include "workers/frontend/http/http_reply.h"

#include <utility>

#include "lib/async/spawn.h"

namespace patchbay::frontend {

HttpReply::HttpReply(asio::any_io_executor executor, async::TimeSource& time,
                     std::shared_ptr<net::HttpExchange> exchange, ReplyPlan plan, ReplyHead head,
                     std::chrono::milliseconds heartbeat, QuotaSightOf quota)
    : executor_(executor),
      time_(time),
      exchange_(std::move(exchange)),
      plan_(std::move(plan)),
      head_(std::move(head)),
      heartbeat_(heartbeat),
      quota_(std::move(quota)),
      work_(executor),
      room_(executor),
      pump_done_(executor) {}

void HttpReply::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  if (quota_) {
    CallRoute shown = route;
    shown.quota = quota_(granted.provider());
    encoder_ = AttemptReply(plan_, shown);
  } else {
    encoder_ = AttemptReply(plan_, route);
  }
  pending_.clear();
  head_.BeginAttempt(granted, route);
}

Result<void> HttpReply::TakeEvent(const inference::v1::GenerateEvent& event) { return encoder_.Event(event, pending_); }

Result<bool> HttpReply::TakeBytes(std::string_view bytes) { return encoder_.Bytes(bytes, pending_); }

void HttpReply::Commit() {
  streaming_ = true;
  last_write_ = time_.Steady();
  async::Spawn(executor_, "reply pump", Pump(shared_from_this()));  // awaited through pump_done_
  ArmHeartbeat();
}

Awaitable<bool> HttpReply::Flush() {
  if (!pending_.empty()) work_.Notify();
  while (pending_.size() > kMaxPendingBytes && !gone_) {
    room_awaited_ = true;
    co_await room_.Wait();
  }
  co_return !gone_;
}

Awaitable<void> HttpReply::Pump(std::shared_ptr<HttpReply> self) {
  HttpReply& reply = *self;
  reply.gone_ =
      !co_await reply.exchange_->StartStream(200, reply.head_.Headers(reply.plan_, reply.plan_.stream_content_type));
  // Committed by silence: the head goes out alone.
  if (!reply.gone_ && reply.pending_.empty()) reply.gone_ = !co_await reply.exchange_->Write({});
  while (!reply.gone_ && !reply.closing_) {
    if (reply.pending_.empty()) {
      co_await reply.work_.Wait();
      continue;
    }
    reply.bytes_ += reply.pending_.size();
    reply.last_write_ = reply.time_.Steady();
    reply.gone_ = !co_await reply.exchange_->Write(std::exchange(reply.pending_, {}));
    if (std::exchange(reply.room_awaited_, false)) reply.room_.Notify();
  }
  if (std::exchange(reply.room_awaited_, false)) reply.room_.Notify();
  reply.pump_done_.Notify();
}

void HttpReply::ArmHeartbeat() {
  if (heartbeat_.count() <= 0) return;
  // From the last write on, so that no silence is longer than one period.
  heartbeat_timer_ = time_.At(last_write_ + heartbeat_, [this] { Heartbeat(); });
}

void HttpReply::Heartbeat() {
  if (closing_ || gone_) return;
  const SteadyTime now = time_.Steady();
  if (now - last_write_ >= heartbeat_) {
    // Comments stand between events, never inside one: the encoders only ever give whole events. Bytes that are
    // still pending mean that the client does not read: no heartbeat would reach it.
    if (pending_.empty()) pending_.append(encoder_->Heartbeat());
    last_write_ = now;
    work_.Notify();
  }
  ArmHeartbeat();
}

Awaitable<void> HttpReply::Close() {
  closing_ = true;
  heartbeat_timer_.reset();
  work_.Notify();
  co_await pump_done_.Wait();
  if (gone_) co_return;
  bytes_ += pending_.size();
  co_await exchange_->FinishStream(std::exchange(pending_, {}));
}

Awaitable<Result<void>> HttpReply::Complete() {
  if (streaming_) {
    if (const auto ended = encoder_->End(pending_); !ended.ok()) encoder_->Break(ProblemOf(ended.error()), pending_);
    co_await Close();
    co_return Result<void>();
  }
  // Nothing has left yet: a whole answer, or a stream that was over before its first byte could leave.
  std::string body = std::exchange(pending_, {});
  CO_RETURN_IF_ERROR(encoder_->End(body));
  bytes_ += body.size();
  if (!plan_.stream) {
    co_await exchange_->Respond(200, head_.Headers(plan_, "application/json"), std::move(body));
    co_return Result<void>();
  }
  const bool started = co_await exchange_->StartStream(200, head_.Headers(plan_, plan_.stream_content_type));
  if (started) co_await exchange_->FinishStream(std::move(body));
  co_return Result<void>();
}

Awaitable<bool> HttpReply::Break(Problem problem) {
  if (!streaming_) co_return false;
  encoder_->Break(problem, pending_);
  co_await Close();
  co_return true;
}

Awaitable<void> HttpReply::Abandon() {
  gone_ = true;
  if (!streaming_) co_return;
  exchange_->Abort();
  co_await Close();
}

}  // namespace patchbay::frontend
