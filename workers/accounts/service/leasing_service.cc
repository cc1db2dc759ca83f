#include "workers/accounts/service/leasing_service.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/log/log.h"
#include "workers/accounts/service/convert.h"

namespace patchbay::accounts {
namespace {

constexpr std::chrono::milliseconds kDrainPoll{2};
constexpr std::chrono::milliseconds kFrontendsPoll{20};
constexpr std::size_t kBatchMax = 256;  // replies in one message
constexpr std::string_view kClientKeyPrefix = "ck_";

}  // namespace

LeasingService::LeasingService(Core& core, rpc::Server& server)
    : core_(core), recorder_(core.io(), core.storage(), [this](const UsageRecord& record, bool fresh) {
        if (fresh) {
          ++settled_total_;
          core_.accounts().CountRequest(record.account, record.started_at);
        }
        const auto waiting = settling_.find(record.lease);
        if (waiting == settling_.end()) return;
        v1::LeaseReply reply;
        reply.mutable_settled()->set_lease_id(record.lease.str());
        Send(waiting->second, std::move(reply));
        settling_.erase(waiting);
      }) {
  core_.OnReply(
      [this](const Granted& granted) {
        v1::LeaseReply reply;
        Set(granted, reply.mutable_granted());
        Send(granted.frontend, std::move(reply));
      },
      [this](const Denied& denied) {
        v1::LeaseReply reply;
        Set(denied, reply.mutable_denied());
        Send(denied.frontend, std::move(reply));
      });
  core_.OnLapse([this](const LeaseLapsed& lapsed) {
    if (lapsed.wire_model.empty()) return;  // it opened a socket: no call was lost
    recorder_.Record(LostCall(lapsed, core_.Now().wall));
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
    return End(session, Error(ErrorCode::kResourceExhausted, "replies are not being read"));
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
  auto session = std::make_shared<Session>(core_.io().get_executor());
  session->frontend = FrontendId(call.caller.worker + "#" + std::to_string(call.caller.generation));
  session->epoch = next_epoch_++;
  if (const auto older = sessions_.find(session->frontend); older != sessions_.end()) {
    End(*older->second, Error(ErrorCode::kUnavailable, "replaced by a newer stream of the same frontend"));
  }
  sessions_[session->frontend] = session;
  log::Info("frontend.attached", {{"frontend", session->frontend}, {"epoch", session->epoch}});
  core_.Start("lease.read", Read(session, wire));

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
  }
  core_.pool().Gone(session->frontend, session->epoch, core_.Now());
  core_.Dispatch();
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
    core_.Dispatch();
  }
  End(*session, Error(ErrorCode::kCancelled, "the frontend ended the stream"));
}

void LeasingService::Handle(Session& session, const v1::LeaseRequest& request) {
  if (!session.declared && !request.has_redeclare()) {
    return End(session, Error(ErrorCode::kInvalidArgument, "the first message is Redeclare"));
  }
  switch (request.kind_case()) {
    case v1::LeaseRequest::kRedeclare: return Redeclare(session, request.redeclare());
    case v1::LeaseRequest::kAcquire: return Acquire(session, request.acquire());
    case v1::LeaseRequest::kRetry: return Retry(session, request.retry());
    case v1::LeaseRequest::kSettle: return Settle(session, request.settle());
    case v1::LeaseRequest::kWithdraw:
      return core_.pool().Withdraw(session.frontend, RequestId(request.withdraw().request_id()), core_.Now());
    case v1::LeaseRequest::KIND_NOT_SET: return;  // something newer than us
  }
}

void LeasingService::Redeclare(Session& session, const v1::Redeclare& message) {
  if (message.open_size() > kOpenLeasesMax) {
    return End(session, Error(ErrorCode::kInvalidArgument, "too many open leases declared"));
  }
  session.declared = true;
  std::vector<OpenLease> open;
  for (const auto& lease : message.open()) {
    auto choice = core_.models().names().Resolve(lease.model());
    if (!choice) choice = ModelChoice{"codex", lease.model(), {}, {}};  // an alias that is configured no more
    open.push_back({LeaseId(lease.lease_id()), RequestId(lease.request_id()), AccountId(lease.account()),
                    ClientKeyId(lease.client_key_id()), choice->provider, choice->wire_model, choice->effort,
                    choice->service_tier});
  }
  log::Info("frontend.declared", {{"frontend", session.frontend}, {"open_leases", open.size()}});
  core_.pool().Redeclare(session.frontend, session.epoch, open, core_.Now());
}

void LeasingService::Acquire(Session& session, const v1::Acquire& message) {
  const auto deny = [&](DenyCode code, std::string why, int status) {
    Denied denied;
    denied.frontend = session.frontend;
    denied.request = RequestId(message.request_id());
    denied.code = code;
    denied.message = std::move(why);
    denied.client_status = status;
    v1::LeaseReply reply;
    Set(denied, reply.mutable_denied());
    log::Info("lease.denied",
              {{"request_id", denied.request}, {"reason", ToString(code)}, {"message", denied.message}});
    Send(session.frontend, std::move(reply));
  };
  // Ids of our own making are looked up; the frontend has names of its own for callers that need no key.
  if (message.client_key_id().starts_with(kClientKeyPrefix)) {
    const StoredClientKey* key = core_.keys().Find(message.client_key_id());
    if (key == nullptr || key->revoked_at) return deny(DenyCode::kKey, "the client key is not valid any more", 401);
  }
  const bool any_model = message.opens_socket() && message.model().empty();
  auto choice = core_.models().names().Resolve(message.model());
  if (any_model) choice = ModelChoice{"codex", {}, {}, {}};  // the one provider that has sockets
  if (!choice) return deny(DenyCode::kUnknownModel, "no provider serves a model of this name", 404);
  AcquireArgs args;
  args.frontend = session.frontend;
  args.epoch = session.epoch;
  args.request = RequestId(message.request_id());
  args.provider = std::move(choice->provider);
  args.wire_model = std::move(choice->wire_model);
  args.effort = std::move(choice->effort);
  // Providers refuse an effort that the model does not have ("none", "max"); clients cannot know which it has.
  if (args.effort.empty() && !message.reasoning_effort().empty()) {
    args.effort = core_.models().names().FitEffort(args.wire_model, message.reasoning_effort());
  }
  args.service_tier = std::move(choice->service_tier);
  args.affinity_key = message.affinity_key();
  args.client_key = ClientKeyId(message.client_key_id());
  args.pinned = AccountId(message.pinned_account());
  if (message.has_max_wait()) args.max_wait = ToMilliseconds(message.max_wait());
  core_.pool().Acquire(args, core_.Now());
}

void LeasingService::Retry(Session& session, const v1::Retry& message) {
  RetryArgs args;
  args.frontend = session.frontend;
  args.epoch = session.epoch;
  args.request = RequestId(message.request_id());
  args.lease = LeaseId(message.lease_id());
  args.failure = ToFacts(message.failure());
  args.quota = ToFacts(message.rate_limits());
  if (message.has_max_wait()) args.max_wait = ToMilliseconds(message.max_wait());
  core_.pool().Retry(args, core_.Now());
}

void LeasingService::Settle(Session& session, const v1::Settle& message) {
  SettleArgs args;
  args.lease = LeaseId(message.lease_id());
  args.succeeded = message.outcome() == v1::OUTCOME_SUCCEEDED;
  if (message.has_failure()) args.failure = ToFacts(message.failure());
  args.quota = ToFacts(message.rate_limits());
  core_.pool().Settle(args, core_.Now());
  log::Debug("lease.settled", {{"request_id", message.request_id()},
                               {"lease", message.lease_id()},
                               {"account", message.account()},
                               {"outcome", v1::Outcome_Name(message.outcome())},
                               {"input_tokens", message.usage().input_tokens()},
                               {"output_tokens", message.usage().output_tokens()},
                               {"ms", ToMilliseconds(message.total()).count()},
                               {"attempts", message.attempts()}});
  if (message.uncounted()) {
    v1::LeaseReply reply;
    reply.mutable_settled()->set_lease_id(message.lease_id());
    return Send(session.frontend, std::move(reply));
  }
  settling_[args.lease] = session.frontend;
  recorder_.Record(ToRecord(message));
}

Awaitable<void> LeasingService::Drain(bool await_frontends) {
  asio::steady_timer timer(core_.io());
  while (await_frontends && !sessions_.empty()) {
    timer.expires_after(kFrontendsPoll);
    co_await timer.async_wait(asio::use_awaitable);
  }
  draining_ = true;
  // The disk first, so that its acknowledgements leave with the streams. The worker's drain deadline bounds both waits.
  while (recorder_.pending() > 0 || core_.storage().pending() > 0) {
    timer.expires_after(kDrainPoll);
    co_await timer.async_wait(asio::use_awaitable);
  }
  for (const auto& [frontend, session] : sessions_)
    End(*session, Error(ErrorCode::kUnavailable, "accounts is draining"));
  while (!sessions_.empty()) {
    timer.expires_after(kDrainPoll);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_await core_.storage().Close();
}

}  // namespace patchbay::accounts
