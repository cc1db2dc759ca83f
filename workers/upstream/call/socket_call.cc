#include "workers/upstream/call/socket_call.h"

#include <utility>

#include "lib/async/spawn.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/call/answer_facts.h"
#include "workers/upstream/identity/session.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// RFC 6455 §7.4.1, and 1012 of the registry it made.
constexpr int kNormalClosure = 1000;
constexpr int kAbnormalClosure = 1006;
constexpr int kServiceRestart = 1012;

}  // namespace

SocketCall::SocketCall(const CallContext& context, std::shared_ptr<SocketStream> stream)
    : context_(context),
      stream_(std::move(stream)),
      socket_(context.pool),
      watchdog_(context.executor, [this] { OnExpiry(); }),
      queued_(context.executor),
      room_(context.executor),
      read_done_(context.executor) {}

void SocketCall::Cancel() {
  cancelled_ = true;
  socket_.Cancel();
  if (std::exchange(room_awaited_, false)) room_.Notify();
  queued_.Notify();
}

void SocketCall::Drain() {
  draining_ = true;
  if (tracker_ && !tracker_->in_turn()) Finish(kServiceRestart, "the gateway restarts");
}

void SocketCall::OnExpiry() {
  timed_out_ = true;
  socket_.Cancel();
}

Awaitable<Result<void>> SocketCall::Run() {
  CO_RETURN_IF_ERROR(co_await ReceiveOpen());
  const bool open = co_await Open();
  if (!open) {
    if (cancelled_) co_return Error(ErrorCode::kCancelled, "the caller has gone");
    co_return Result<void>();
  }
  async::Spawn(context_.executor, "socket reader", ReadFrames(shared_from_this()));  // awaited by read_done_
  async::Spawn(context_.executor, "socket turns", TakeTurns(shared_from_this()));    // ends with the stream
  bool listening = true;
  while (listening && !cancelled_ && !(finished_ && queue_.empty())) {
    if (queue_.empty()) {
      co_await queued_.Wait();
      continue;
    }
    listening = co_await SendQueued();
  }
  finished_ = true;
  if (!cancelled_ && listening) co_await socket_.Close(kNormalClosure);
  Cancel();
  co_await read_done_.Wait();
  if (misuse_) co_return *misuse_;
  co_return Result<void>();
}

Awaitable<Result<void>> SocketCall::ReceiveOpen() {
  v1::SocketRequest first;
  const bool received = co_await stream_->Receive(first);
  if (!received || !first.has_open())
    co_return Error(ErrorCode::kInvalidArgument, "the first message must be SocketOpen");
  open_ = std::move(*first.mutable_open());
  provider_ = context_.providers.Find(open_.provider());
  if (!provider_) co_return Error(ErrorCode::kInvalidArgument, "unknown provider '" + open_.provider() + "'");
  const RawRoute* route = provider_->dialect == nullptr ? nullptr : provider_->dialect->FindRawRoute(open_.dialect());
  if (route == nullptr || route->answer != RawRoute::Answer::kEvents) {
    co_return Error(ErrorCode::kInvalidArgument,
                    "provider '" + open_.provider() + "' does not speak '" + open_.dialect() + "'");
  }
  for (const v1::Header& header : open_.forwarded_headers()) forwarded_.push_back({header.name(), header.value()});
  co_return Result<void>();
}

WebSocketRequest SocketCall::MakeRequest(std::chrono::milliseconds timeout) const {
  CallIdentity identity;
  identity.session = ShownSession(open_.session_id(), forwarded_, open_.request_id(), open_.account());
  identity.traceparent = open_.traceparent();
  identity.forwarded = &forwarded_;
  return outgoing_->Upgrade(std::move(identity), context_.CallTimeouts(*provider_, timeout));
}

Awaitable<bool> SocketCall::Open() {
  const auto asked = ToMilliseconds(open_.open_timeout());
  const auto timeout = asked.count() > 0 ? asked : kOpenTimeout;
  auto credential = co_await context_.credentials->Wait(open_.account(), open_.credential_version(),
                                                        std::min(timeout, kCredentialWait));
  v1::SocketReply reply;
  v1::SocketOpened& opened = *reply.mutable_opened();
  bool open = false;
  if (cancelled_) co_return false;
  Result<void> road;
  const bool callers = credential && provider_->wants_callers_login();
  if (callers) credential = CallersCredential(*credential, open_.caller_login());
  if (credential) {
    Result<Outgoing> outgoing = Outgoing::For(context_, provider_, std::move(credential));
    if (outgoing.ok()) outgoing_.emplace(std::move(outgoing).value());
    if (!outgoing.ok()) road = outgoing.error();
  }
  if (!road.ok()) {
    opened.mutable_failure()->set_stage(inf::FAILURE_STAGE_CONNECT);
    opened.mutable_failure()->set_message(road.error().message);
  } else if (callers && !outgoing_) {
    *opened.mutable_failure() = NoCallersLogin(*provider_);
  } else if (!outgoing_) {
    opened.mutable_failure()->set_stage(inf::FAILURE_STAGE_CREDENTIAL);
    opened.mutable_failure()->set_message("no credential for the account in time");
  } else {
    WebSocketRequest request = MakeRequest(timeout);
    open = co_await socket_.Open(std::move(request));
    const WallTime now = context_.clock->Now();
    const ResponseHead& head = socket_.head();
    if (head.status != 0) {
      *opened.mutable_head() = VisibleHead(*provider_->dialect, head);
      inf::RateLimits limits;
      if (provider_->dialect->DecodeRateLimits(head.headers, now, limits)) *opened.mutable_rate_limits() = limits;
      outgoing_->TakeCookies(head, provider_->generate);
    }
    if (!open) {
      *opened.mutable_failure() = head.status != 0 ? provider_->dialect->DecodeError(head, socket_.refusal(), now)
                                                   : FailureOf(socket_.failure());
      outgoing_->MakeRedactor().Redact(*opened.mutable_failure());
    }
    SetDuration(socket_.connect_time(), opened.mutable_timings()->mutable_connect());
    SetDuration(socket_.handshake_time(), opened.mutable_timings()->mutable_first_byte());
  }
  log::Info(open ? "socket.opened" : "socket.refused", {{"request_id", open_.request_id()},
                                                        {"account", open_.account()},
                                                        {"status", socket_.head().status},
                                                        {"reason", opened.failure().message().substr(0, 256)}});
  if (open) tracker_.emplace(*provider_->dialect);
  const bool told = co_await stream_->Send(reply);
  if (!told) Cancel();
  if (told && open && draining_) Finish(kServiceRestart, "the gateway restarts");
  co_return told&& open;
}

Awaitable<void> SocketCall::TakeTurns([[maybe_unused]] std::shared_ptr<SocketCall> self) {
  bool more = true;
  while (more) {
    v1::SocketRequest message;
    more = co_await stream_->Receive(message);
    if (more) more = co_await TakeTurn(std::move(message));
  }
  // Half-closed, gone or misused: in any case nobody wants the provider's socket any more.
  if (!finished_) Finish(kNormalClosure, "");
}

Awaitable<bool> SocketCall::TakeTurn(v1::SocketRequest message) {
  if (finished_) co_return false;
  if (!message.has_turn()) {
    misuse_ = Error(ErrorCode::kInvalidArgument, "a chunk without its turn");
    co_return false;
  }
  if (message.turn().total_bytes() > kMaxRequestBodyBytes) {
    misuse_ = Error(ErrorCode::kResourceExhausted, "the frame is too large");
    co_return false;
  }
  if (!tracker_->Begin(context_.clock->Now())) {
    misuse_ = Error(ErrorCode::kInvalidArgument, "a turn before the end of the last one");
    co_return false;
  }
  turn_ = std::move(*message.mutable_turn());
  turn_began_ = context_.clock->Steady();
  first_frame_at_.reset();
  const Timeouts timeouts = context_.CallTimeouts(*provider_, ToMilliseconds(turn_.total_timeout()));
  turn_deadline_ = timeouts.total;
  stall_ = timeouts.first_byte;
  ArmStall();
  stall_ = timeouts.stall;
  std::string frame;
  frame.reserve(turn_.total_bytes());
  while (frame.size() < turn_.total_bytes()) {
    const bool received = co_await stream_->Receive(message);
    if (!received || message.chunk().size() > turn_.total_bytes() - frame.size()) {
      if (received) misuse_ = Error(ErrorCode::kInvalidArgument, "the frame is longer than announced");
      co_return false;
    }
    frame.append(message.chunk());
  }
  const bool sent = co_await socket_.Write(std::move(frame));
  co_return sent && !finished_;  // a broken socket is told by ReadFrames
}

Awaitable<void> SocketCall::ReadFrames([[maybe_unused]] std::shared_ptr<SocketCall> self) {
  std::string frame;
  ReadStatus status = ReadStatus::kData;
  while (true) {
    status = co_await socket_.Read(frame);
    if (status != ReadStatus::kData) break;
    if (tracker_->in_turn()) {
      if (!first_frame_at_) first_frame_at_ = context_.clock->Steady();
      ArmStall();
    }
    TurnTracker::Seen seen = tracker_->See(frame, context_.clock->Now());
    if (seen.end && seen.end->has_failure()) {
      const Redactor redactor = outgoing_->MakeRedactor();
      redactor.Redact(frame);
      redactor.Redact(*seen.end->mutable_failure());
    }
    if (seen.pass) Push(std::move(frame));
    if (seen.end) {
      watchdog_.Clear();
      PushEnd(std::move(*seen.end));
      if (draining_) Finish(kServiceRestart, "the gateway restarts");
    }
    while (queued_bytes_ > kMaxQueuedBytes && !cancelled_) {
      room_awaited_ = true;
      co_await room_.Wait();
    }
  }
  watchdog_.Clear();
  if (auto end = tracker_->Break(WhyBroken())) PushEnd(std::move(*end));
  const bool closed = status == ReadStatus::kEnd;
  std::string reason = closed ? socket_.close_reason() : socket_.failure().message;
  if (!reason.empty()) outgoing_->MakeRedactor().Redact(reason);
  Finish(closed ? socket_.close_code() : kAbnormalClosure, std::move(reason));
  read_done_.Notify();
}

inf::Failure SocketCall::WhyBroken() const {
  inf::Failure failure;
  failure.set_stage(inf::FAILURE_STAGE_STREAM);
  failure.set_http_status(200);
  if (timed_out_) {
    failure.set_cause(inf::CAUSE_TIMED_OUT);
    failure.set_message("no progress in time");
  } else if (socket_.close_code() != 0) {
    failure.set_message("the provider closed the socket in the middle of a turn (" +
                        std::to_string(socket_.close_code()) + ")");
  } else {
    failure.set_message("the provider's socket broke in the middle of a turn: " + socket_.failure().message);
  }
  return failure;
}

void SocketCall::Push(std::string frame) {
  if (finished_) return;
  const bool joins = !queue_.empty() && queue_.back().has_frames() && batch_bytes_ < kMaxBatchBytes;
  queued_bytes_ += frame.size();
  batch_bytes_ = (joins ? batch_bytes_ : 0) + frame.size();
  v1::SocketReply& reply = joins ? queue_.back() : queue_.emplace_back();
  reply.mutable_frames()->add_frames(std::move(frame));
  queued_.Notify();
}

void SocketCall::PushEnd(v1::End end) {
  v1::Timings& timings = *end.mutable_timings();
  const SteadyTime now = context_.clock->Steady();
  timings.set_connection_reused(true);
  if (first_frame_at_) SetDuration(*first_frame_at_ - turn_began_, timings.mutable_first_byte());
  SetDuration(now - turn_began_, timings.mutable_total());
  LogTurn(end);
  if (finished_) return;
  *queue_.emplace_back().mutable_turn_end() = std::move(end);
  queued_.Notify();
}

void SocketCall::Finish(int code, std::string reason) {
  if (finished_) return;
  finished_ = true;
  v1::SocketClosed& closed = *queue_.emplace_back().mutable_closed();
  closed.set_code(code);
  closed.set_reason(std::move(reason));
  queued_.Notify();
}

Awaitable<bool> SocketCall::SendQueued() {
  const v1::SocketReply reply = std::move(queue_.front());
  queue_.pop_front();
  for (const std::string& frame : reply.frames().frames()) queued_bytes_ -= frame.size();
  if (std::exchange(room_awaited_, false)) room_.Notify();
  const bool sent = co_await stream_->Send(reply);
  co_return sent;
}

void SocketCall::ArmStall() { watchdog_.Set(std::min(std::chrono::steady_clock::now() + stall_, turn_deadline_)); }

void SocketCall::LogTurn(const v1::End& end) const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock->Steady() - turn_began_);
  log::Info(end.has_failure() ? "turn.failed" : "turn.done", {{"request_id", turn_.request_id()},
                                                              {"account", open_.account()},
                                                              {"ms", elapsed.count()},
                                                              {"cause", inf::Cause_Name(end.failure().cause())},
                                                              {"code", end.failure().code()},
                                                              {"reason", end.failure().message().substr(0, 256)}});
}

}  // namespace patchbay::upstream
