#include "workers/frontend/peers/lease_client.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "lib/async/spawn.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::LeaseReply;
using accounts::v1::LeaseRequest;
using std::chrono::milliseconds;

}  // namespace

LeaseClient::LeaseClient(asio::any_io_executor executor, OpenStream open)
    : executor_(executor), open_stream_(std::move(open)), reconnect_(executor) {}

Awaitable<void> LeaseClient::Run() {
  co_await reconnect_.Run([this]() -> Awaitable<bool> {
    const auto session = std::make_shared<Session>(executor_, co_await open_stream_());
    co_await RunSession(session);
    co_return std::exchange(connected_, false);
  });
  if (!settles_.empty()) log::Error("lease.settlements_given_up", {{"count", settles_.size()}});
}

void LeaseClient::Stop() {
  reconnect_.Stop();
  if (session_) session_->stream->Cancel();
}

void LeaseClient::Connected() {
  if (std::exchange(connected_, true)) return;
  log::Info("lease.connected", {{"open", open_.size()}, {"unsettled", settles_.size()}});
}

Awaitable<void> LeaseClient::WaitSettled(milliseconds timeout) {
  constexpr milliseconds kLook{10};
  asio::steady_timer timer(executor_);
  for (milliseconds waited{0}; !settles_.empty() && waited < timeout; waited += kLook) {
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

Awaitable<void> LeaseClient::RunSession(std::shared_ptr<Session> session) {
  Redeclare(*session);
  session_ = session;
  async::Spawn(executor_, "lease writer", Write(session));  // awaited through writer_done below
  accounts::v1::LeaseReplies batch;
  while (co_await session->stream->Receive(batch)) {
    Connected();
    for (LeaseReply& reply : *batch.mutable_replies()) Dispatch(std::move(reply));
    batch.Clear();
  }
  const Result<void> status = co_await session->stream->Finish();
  if (connected_ && !reconnect_.stopped()) {
    log::Warn("lease.disconnected", {{"reason", status.ok() ? std::string("closed") : status.error().message}});
  }
  session_.reset();
  session->over = true;
  session->work.Notify();
  co_await session->writer_done.Wait();
}

Awaitable<void> LeaseClient::Write(std::shared_ptr<Session> session) {
  while (!session->over) {
    if (session->outbox.empty()) {
      co_await session->work.Wait();
      continue;
    }
    accounts::v1::LeaseRequests batch;
    for (std::size_t i = 0; i < kMaxBatch && !session->outbox.empty(); ++i) {
      *batch.add_requests() = std::move(session->outbox.front());
      session->outbox.pop_front();
    }
    if (!co_await session->stream->Send(batch)) break;  // Receive will say the same
    if (batch.requests(0).has_redeclare() && !session->over) Connected();
  }
  session->writer_done.Notify();
}

void LeaseClient::Redeclare(Session& session) const {
  LeaseRequest redeclare;
  for (const auto& [id, lease] : open_) *redeclare.mutable_redeclare()->add_open() = lease;
  redeclare.mutable_redeclare();
  session.outbox.push_back(std::move(redeclare));
  for (const auto& settle : settles_) {
    LeaseRequest request;
    *request.mutable_settle() = settle;
    session.outbox.push_back(std::move(request));
  }
  for (const auto& [id, waiter] : waiters_) {
    if (!waiter->reply) session.outbox.push_back(waiter->request);
  }
}

void LeaseClient::Send(LeaseRequest request) {
  if (!session_) return;  // the next session begins with everything that is open
  if (session_->outbox.size() >= kMaxOutbox) {
    log::Error("lease.outbox_full", {{"messages", session_->outbox.size()}});
    session_->stream->Cancel();
    return;
  }
  session_->outbox.push_back(std::move(request));
  session_->work.Notify();
}

void LeaseClient::Dispatch(LeaseReply reply) {
  switch (reply.kind_case()) {
    case LeaseReply::kGranted:
    case LeaseReply::kDenied: Answer(std::move(reply)); return;
    case LeaseReply::kSettled: {
      const auto it = settle_of_.find(reply.settled().lease_id());
      if (it == settle_of_.end()) return;
      settles_.erase(it->second);
      settle_of_.erase(it);
      return;
    }
    case LeaseReply::KIND_NOT_SET: return;
  }
}

void LeaseClient::Answer(LeaseReply reply) {
  const std::string request_id = reply.has_granted() ? reply.granted().request_id() : reply.denied().request_id();
  const auto it = waiters_.find(request_id);
  if (it == waiters_.end() || it->second->reply) {
    // Nobody waits any more, so nobody will use it. (An answer given twice is the same lease again.)
    const bool known = reply.has_granted() && open_.count(reply.granted().lease_id()) != 0;
    if (!reply.has_granted() || known) return;
    accounts::v1::Settle unused;
    unused.set_outcome(accounts::v1::OUTCOME_ABANDONED);
    unused.set_uncounted(true);  // no call was made under it
    Lease(*this, std::move(*reply.mutable_granted())).Settle(std::move(unused));
    return;
  }
  if (reply.has_granted()) {
    accounts::v1::Redeclare::OpenLease open = it->second->asked;
    open.set_lease_id(reply.granted().lease_id());
    open.set_request_id(request_id);
    open.set_account(reply.granted().account());
    open.set_provider(reply.granted().provider());
    open.set_wire_model(reply.granted().wire_model());
    open.set_fallback_model(reply.granted().fallback_model());
    if (!reply.granted().service_tier().empty()) open.set_service_tier(reply.granted().service_tier());
    open_[reply.granted().lease_id()] = std::move(open);
  }
  it->second->reply = std::move(reply);
  it->second->changed.Notify();
}

Awaitable<Result<LeaseAnswer>> LeaseClient::Acquire(accounts::v1::Acquire request, milliseconds max_wait,
                                                    Cancellation& cancellation) {
  auto waiter = std::make_shared<Waiter>(executor_);
  waiter->asked.set_client_key_id(request.client_key_id());
  waiter->asked.set_model(request.model());
  waiter->asked.set_service_tier(request.service_tier());
  waiter->asked.set_input_tokens(request.input_tokens());
  waiter->asked.set_max_output_tokens(request.max_output_tokens());
  std::string id = request.request_id();
  SetDuration(max_wait, request.mutable_max_wait());
  *waiter->request.mutable_acquire() = std::move(request);
  return Ask(std::move(id), std::move(waiter), max_wait, cancellation);
}

Awaitable<Result<LeaseAnswer>> LeaseClient::Retry(Lease lease, accounts::v1::Retry request,
                                                  accounts::v1::Settle otherwise, milliseconds max_wait,
                                                  Cancellation& cancellation) {
  auto waiter = std::make_shared<Waiter>(executor_);
  const std::string old_lease = lease.granted().lease_id();
  std::string id = lease.granted().request_id();
  if (const auto open = open_.find(old_lease); open != open_.end()) waiter->asked = open->second;
  request.set_request_id(id);
  request.set_lease_id(old_lease);
  SetDuration(max_wait, request.mutable_max_wait());
  *waiter->request.mutable_retry() = std::move(request);
  Result<LeaseAnswer> answer = co_await Ask(std::move(id), waiter, max_wait, cancellation);
  if (answer.ok() && std::holds_alternative<Lease>(*answer)) {
    std::move(lease).Release();  // the request goes on under another, and so does its row
    open_.erase(old_lease);
    co_return answer;
  }
  // Denied: accounts has ended the lease, and the row is still to be written. Never answered: whether accounts saw it
  // is not known. Settling is idempotent.
  if (!answer.ok() && cancellation.cancelled()) otherwise.set_outcome(accounts::v1::OUTCOME_ABANDONED);
  std::move(lease).Settle(std::move(otherwise));
  co_return answer;
}

Awaitable<Result<LeaseAnswer>> LeaseClient::Ask(std::string request_id, std::shared_ptr<Waiter> waiter,
                                                milliseconds max_wait, Cancellation& cancellation) {
  if (!waiters_.try_emplace(request_id, waiter).second) {
    co_return Error(ErrorCode::kAlreadyExists, "a request with this id is waiting already");
  }
  Send(waiter->request);
  bool timed_out = false;
  asio::steady_timer timer(executor_, max_wait + kAnswerGrace);
  timer.async_wait([&timed_out, weak = std::weak_ptr(waiter)](boost::system::error_code error) {
    const auto alive = weak.lock();
    if (error || !alive || alive->reply) return;
    timed_out = true;
    alive->changed.Notify();
  });
  {
    const Cancellation::Hook hook(cancellation, [&] { waiter->changed.Notify(); });
    while (!waiter->reply && !cancellation.cancelled() && !timed_out) co_await waiter->changed.Wait();
  }
  timer.cancel();
  waiters_.erase(request_id);
  if (!waiter->reply) {
    LeaseRequest withdraw;
    withdraw.mutable_withdraw()->set_request_id(request_id);
    Send(std::move(withdraw));
    if (cancellation.cancelled()) co_return Error(ErrorCode::kCancelled, "the request was cancelled");
    co_return Error(ErrorCode::kUnavailable, "the gateway could not reach its account pool in time");
  }
  if (waiter->reply->has_granted()) co_return LeaseAnswer(Lease(*this, std::move(*waiter->reply->mutable_granted())));
  co_return LeaseAnswer(std::move(*waiter->reply->mutable_denied()));
}

void LeaseClient::Settle(accounts::v1::Settle settlement) {
  open_.erase(settlement.lease_id());
  if (settles_.size() >= kMaxUnacknowledgedSettles) {
    log::Error("lease.settlement_dropped", {{"lease", settles_.front().lease_id()}});
    settle_of_.erase(settles_.front().lease_id());
    settles_.pop_front();
  }
  LeaseRequest request;
  *request.mutable_settle() = settlement;
  const std::string id = settlement.lease_id();
  settles_.push_back(std::move(settlement));
  settle_of_[id] = std::prev(settles_.end());
  Send(std::move(request));
}

}  // namespace patchbay::frontend
