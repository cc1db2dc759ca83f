#include "workers/accounts/service/leasing_service.h"

#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/explain.h"

namespace patchbay::accounts {
namespace {

// Between two looks while draining; every session that ends is a reason to look, too.
constexpr std::chrono::milliseconds kDrainLook{1000};
constexpr std::size_t kBatchMax = 256;  // replies in one message

// The one record of a lease that went well.
void LogSettled(const v1::Settle& settle) {
  if (!log::Enabled(log::Level::kDebug)) return;
  log::Debug("lease.settled", {{"request_id", settle.request_id()},
                               {"lease", settle.lease_id()},
                               {"account", settle.account()},
                               {"outcome", v1::Outcome_Name(settle.outcome())},
                               {"input_tokens", settle.usage().input_tokens()},
                               {"output_tokens", settle.usage().output_tokens()},
                               {"ms", ToMilliseconds(settle.total()).count()},
                               {"attempts", settle.attempts()}});
}

}  // namespace

LeasingService::LeasingService(asio::io_context& io, Spawn spawn, Core& core, rpc::Server& server)
    : io_(io), spawn_(std::move(spawn)), core_(core), session_ended_(io) {
  core_.OnReply({.granted =
                     [this](const Granted& granted) {
                       v1::LeaseReply reply;
                       WriteGranted(granted, reply.mutable_granted());
                       Send(granted.frontend, std::move(reply));
                     },
                 .denied =
                     [this](const Denied& denied) {
                       v1::LeaseReply reply;
                       WriteDenied(denied, reply.mutable_denied());
                       Send(denied.frontend, std::move(reply));
                     },
                 .settled =
                     [this](const FrontendId& frontend, const LeaseId& lease) {
                       v1::LeaseReply reply;
                       reply.mutable_settled()->set_lease_id(lease.str());
                       Send(frontend, std::move(reply));
                     }});
  // Frontends say everything again that was not acknowledged when they come back.
  core_.OnRoomForUsage([this] {
    for (const auto& [frontend, session] : sessions_) {
      End(*session, Error(ErrorCode::kUnavailable, "settlements that could not be taken can be said again"));
    }
  });
  server.Register(service_);
  server.Bidi(
      service_, &v1::Leasing::AsyncService::RequestLease,
      [this](rpc::CallInfo call, std::shared_ptr<Wire> wire) { return Serve(std::move(call), std::move(wire)); });
}

void LeasingService::Send(const FrontendId& frontend, v1::LeaseReply reply) {
  const auto found = sessions_.find(frontend);
  if (found == sessions_.end()) return;  // it will declare and ask again when it is back
  Session& session = *found->second;
  if (session.outbox.size() >= kOutboxMax) {
    End(session, Error(ErrorCode::kResourceExhausted, "replies are not being read"));
    session.outbox.clear();
    session.wire->Cancel();  // else the message under way would wait for the frontend to read
    return;
  }
  session.outbox.push_back(std::move(reply));
  session.wake.Notify();
}

void LeasingService::End(Session& session, Error error) {
  if (!session.over) session.over = std::move(error);
  session.wake.Notify();
}

// Writes until the session is over. Reading goes on beside it.
Awaitable<Result<void>> LeasingService::Serve(rpc::CallInfo call, std::shared_ptr<Wire> wire) {
  if (draining_) co_return Error(ErrorCode::kUnavailable, "accounts is draining");
  auto session = std::make_shared<Session>(io_.get_executor(), wire);
  session->frontend = FrontendOf(call.caller.worker, call.caller.generation);
  session->epoch = next_epoch_++;
  if (const auto older = sessions_.find(session->frontend); older != sessions_.end()) {
    End(*older->second, Error(ErrorCode::kUnavailable, "replaced by a newer stream of the same frontend"));
  }
  sessions_[session->frontend] = session;
  log::Info("frontend.attached", {{"frontend", session->frontend}, {"epoch", session->epoch}});
  spawn_("lease.read", Read(session, wire));

  bool broken = false;
  for (;;) {
    while (!session->outbox.empty() && !broken) {
      v1::LeaseReplies batch;
      for (std::size_t i = 0; i < kBatchMax && !session->outbox.empty(); ++i) {
        *batch.add_replies() = std::move(session->outbox.front());
        session->outbox.pop_front();
      }
      broken = !co_await wire->Send(batch);
    }
    if (broken || session->over) break;
    co_await session->wake.Wait();
  }
  if (const auto current = sessions_.find(session->frontend);
      current != sessions_.end() && current->second == session) {
    sessions_.erase(current);
    session_ended_.Notify();
  }
  core_.Gone(session->frontend, session->epoch);
  log::Info("frontend.detached", {{"frontend", session->frontend}, {"epoch", session->epoch}});
  if (session->over && session->over->code != ErrorCode::kCancelled) co_return *session->over;
  co_return Result<void>();
}

Awaitable<void> LeasingService::Read(std::shared_ptr<Session> session, std::shared_ptr<Wire> wire) {
  v1::LeaseRequests batch;
  while (co_await wire->Receive(batch)) {
    for (const v1::LeaseRequest& request : batch.requests()) {
      // Nothing is taken from a stream that is ending: what is not answered will be asked again.
      if (session->over || draining_) break;
      Handle(*session, request);
    }
  }
  End(*session, Error(ErrorCode::kCancelled, "the frontend ended the stream"));
}

void LeasingService::Handle(Session& session, const v1::LeaseRequest& request) {
  if (!session.declared && !request.has_redeclare()) {
    return End(session, Error(ErrorCode::kInvalidArgument, "the first message is Redeclare"));
  }
  switch (request.kind_case()) {
    case v1::LeaseRequest::kRedeclare: return Redeclare(session, request.redeclare());
    case v1::LeaseRequest::kAcquire: {
      CallWish wish = ToWish(request.acquire());
      wish.frontend = session.frontend;
      wish.epoch = session.epoch;
      return core_.Acquire(wish);
    }
    case v1::LeaseRequest::kRetry: {
      RetryArgs retry = ToRetry(request.retry());
      retry.frontend = session.frontend;
      retry.epoch = session.epoch;
      return core_.Retry(retry, ToNotes(request.retry().notes()));
    }
    case v1::LeaseRequest::kSettle: {
      LogSettled(request.settle());
      Settlement settlement = ToSettlement(request.settle());
      settlement.frontend = session.frontend;
      return core_.Settle(std::move(settlement));
    }
    case v1::LeaseRequest::kWithdraw:
      return core_.Withdraw(session.frontend, RequestId(request.withdraw().request_id()));
    case v1::LeaseRequest::KIND_NOT_SET: return;  // something newer than us
  }
}

void LeasingService::Redeclare(Session& session, const v1::Redeclare& message) {
  if (message.open_size() > kOpenLeasesMax) {
    return End(session, Error(ErrorCode::kInvalidArgument, "too many open leases declared"));
  }
  session.declared = true;
  std::vector<DeclaredLease> open;
  for (const auto& lease : message.open()) open.push_back(ToDeclared(lease));
  log::Info("frontend.declared", {{"frontend", session.frontend}, {"open_leases", open.size()}});
  core_.Redeclare(session.frontend, session.epoch, open);
}

void LeasingService::EndDead(const std::vector<LivingWorker>& living) {
  for (const FrontendId& frontend : core_.EndDead(living)) {
    if (const auto session = sessions_.find(frontend); session != sessions_.end()) {
      End(*session->second, Error(ErrorCode::kCancelled, "its process has ended"));
    }
  }
}

Awaitable<void> LeasingService::Drain(bool await_frontends) {
  // The worker's drain deadline bounds all of these waits.
  while (await_frontends && !sessions_.empty()) co_await session_ended_.Wait(kDrainLook);
  draining_ = true;
  // The disk first, so that its acknowledgements leave with the streams.
  co_await core_.Drain();
  for (const auto& [frontend, session] : sessions_)
    End(*session, Error(ErrorCode::kUnavailable, "accounts is draining"));
  while (!sessions_.empty()) co_await session_ended_.Wait(kDrainLook);
  co_await core_.Close();
}

}  // namespace patchbay::accounts
