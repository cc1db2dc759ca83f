// A model call's answer on its way to an HTTP client: a stream, or one body at the end.
//
// Of a stream, a second coroutine (the pump) does the socket writes, so that whatever arrives while a
// write is under way leaves together with the next one. When the client is behind by more than
// kMaxPendingBytes, Flush waits, the engine stops receiving, and gRPC's flow control stops the
// provider's worker: the back-pressure goes all the way up.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "lib/async/event.h"
#include "lib/async/time_source.h"
#include "lib/net/http_exchange.h"
#include "workers/frontend/call/attempt_reply.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/http/reply_head.h"

namespace patchbay::frontend {

class HttpReply final : public ReplySink, public std::enable_shared_from_this<HttpReply> {
 public:
  static constexpr std::size_t kMaxPendingBytes = 64 * 1024;

  HttpReply(asio::any_io_executor executor, async::TimeSource& time, std::shared_ptr<net::HttpExchange> exchange,
            ReplyPlan plan, ReplyHead head, std::chrono::milliseconds heartbeat, QuotaSightOf quota = nullptr);

  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head& head) override { head_.Take(head, plan_.wishes); }
  Losses losses() const override { return head_.LossesOf(plan_); }
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override;
  Result<bool> TakeBytes(std::string_view bytes) override;
  bool streams() const override { return plan_.stream; }
  void Commit() override;
  Awaitable<bool> Flush() override;

  // After the engine returned, exactly one of these. Complete's error means that nothing was sent: the
  // answer cannot be written, so the caller writes an error instead.
  Awaitable<Result<void>> Complete();
  // `problem` ends a stream; false when there is no stream to end, so the caller writes an error.
  Awaitable<bool> Break(Problem problem);
  // The client is gone: waits until the pump has seen it too.
  Awaitable<void> Abandon();

  std::size_t bytes() const { return bytes_; }

 private:
  // Ends the pump and sends the rest.
  Awaitable<void> Close();
  static Awaitable<void> Pump(std::shared_ptr<HttpReply> self);
  void ArmHeartbeat();
  void Heartbeat();

  asio::any_io_executor executor_;
  async::TimeSource& time_;
  std::shared_ptr<net::HttpExchange> exchange_;
  const ReplyPlan plan_;
  ReplyHead head_;
  const std::chrono::milliseconds heartbeat_;
  const QuotaSightOf quota_;  // null: what the provider says passes

  AttemptReply encoder_;  // of the current attempt
  std::string pending_;   // encoded and not yet handed to the socket
  std::size_t bytes_ = 0;
  bool streaming_ = false;  // committed, and the pump runs
  bool closing_ = false;
  bool gone_ = false;
  bool room_awaited_ = false;
  SteadyTime last_write_;  // a comment counts too
  std::unique_ptr<async::TimeSource::Timer> heartbeat_timer_;
  async::Event work_;
  async::Event room_;
  async::Event pump_done_;
};

}  // namespace patchbay::frontend
