#include "workers/frontend/gateway/gateway_calls.h"

#include <utility>

#include "lib/base/on_exit.h"
#include "lib/base/random.h"
#include "workers/frontend/dialects/common/request/request_facts.h"
#include "workers/frontend/engine/call_log.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::GenerateReply;

// What accounts and the usage rows know such a caller by; it has no client key.
constexpr std::string_view kKeyPrefix = "worker:";
constexpr std::string_view kDialect = "gateway";

// Events go on as they came: one upstream message, one message here.
class EventReply final : public ReplySink {
 public:
  EventReply(std::string model, std::shared_ptr<GatewayWriter> writer, async::TimeSource& time,
             std::chrono::milliseconds write_timeout)
      : model_(std::move(model)), writer_(std::move(writer)), time_(time), write_timeout_(write_timeout) {}

  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override {
    pending_.clear_events();
    notes_.clear_ignored();
    notes_.clear_repaired();
    for (const std::string& what : route.repaired) notes_.add_repaired(what);
    notes_.set_served_model(granted.wire_model() == model_ ? "" : granted.wire_model());
  }
  void TakeHead(const upstream::v1::Head& head) override {
    for (const std::string& name : head.ignored()) notes_.add_ignored(name);
    for (const std::string& what : head.repaired()) notes_.add_repaired(what);
  }
  Losses losses() const override {
    return {{notes_.ignored().begin(), notes_.ignored().end()}, {notes_.repaired().begin(), notes_.repaired().end()}};
  }
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override {
    *pending_.add_events() = event;
    return {};
  }
  Result<bool> TakeBytes(std::string_view) override {
    return Error(ErrorCode::kInternal, "the gateway service has no byte-transparent route");
  }
  void Commit() override {}
  Awaitable<bool> Flush() override {
    if (!std::exchange(told_, true) && notes_.ByteSizeLong() > 0) *pending_.mutable_notes() = notes_;
    if (pending_.events_size() == 0 && !pending_.has_notes()) co_return true;
    GenerateReply reply;
    reply.Swap(&pending_);
    bytes_ += reply.ByteSizeLong();
    const auto overdue = time_.After(write_timeout_, [this] { writer_->Cancel(); });
    co_return co_await writer_->Send(reply);
  }

  // The end of a stream that broke after it began: Failed, as the event order has it.
  void Fail(const Problem& problem) {
    auto& failure = *pending_.add_events()->mutable_failed()->mutable_failure();
    failure.set_stage(inference::v1::FAILURE_STAGE_STREAM);
    failure.set_code(std::string(ToString(problem.kind)));
    failure.set_message(problem.message);
  }
  std::size_t bytes() const { return bytes_; }

 private:
  const std::string model_;
  std::shared_ptr<GatewayWriter> writer_;
  async::TimeSource& time_;
  const std::chrono::milliseconds write_timeout_;
  gateway::v1::Notes notes_;
  GenerateReply pending_;
  std::size_t bytes_ = 0;
  bool told_ = false;  // the notes have been sent, or there were none
};

// A refusal is the RPC's own status (gateway.proto).
ErrorCode CodeOf(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kBadRequest:
    case Problem::Kind::kUnsupported:
    case Problem::Kind::kTooLarge:
    case Problem::Kind::kContextTooLong:
    case Problem::Kind::kMediaType:
    case Problem::Kind::kPolicy: return ErrorCode::kInvalidArgument;
    case Problem::Kind::kUnknownModel:
    case Problem::Kind::kNotFound: return ErrorCode::kNotFound;
    case Problem::Kind::kThrottled:
    case Problem::Kind::kExhausted:
    case Problem::Kind::kKeyLimit:
    case Problem::Kind::kKeyBudget: return ErrorCode::kResourceExhausted;
    case Problem::Kind::kTimeout:
    case Problem::Kind::kSlowClient: return ErrorCode::kDeadlineExceeded;
    case Problem::Kind::kNoKey:
    case Problem::Kind::kBadKey:
    case Problem::Kind::kForbidden:
    case Problem::Kind::kMethodNotAllowed:
    case Problem::Kind::kNoAccount:
    case Problem::Kind::kOverloaded:
    case Problem::Kind::kUnavailable:
    case Problem::Kind::kProvider:
    case Problem::Kind::kInternal: return ErrorCode::kUnavailable;
  }
  return ErrorCode::kUnavailable;
}

}  // namespace

Awaitable<Result<void>> GatewayCalls::Generate(std::string caller, gateway::v1::GenerateCall call,
                                               std::shared_ptr<GatewayWriter> writer) {
  if (!call.has_request() || call.request().model().empty()) {
    co_return Error(ErrorCode::kInvalidArgument, "a request with a model is required");
  }
  const SteadyTime began = time_.Steady();
  CallSpec spec = SpecFor(caller, std::move(call));
  const std::string id = spec.request_id, key = spec.client_key_id, model = spec.call.model;
  const std::string affinity = spec.affinity.source;
  ++in_flight_;
  const OnExit ended([this, &id] {
    request_ids_.erase(id);
    if (--in_flight_ == 0) idle_.Notify();
  });

  const auto cancellation = std::make_shared<Cancellation>();
  writer->OnCancelled([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  EventReply reply(model, writer, time_, settings_.http.write_timeout);
  const CallOutcome outcome = co_await engine_.Run(std::move(spec), reply, cancellation);
  if (outcome.ending == CallOutcome::Ending::kBroken) reply.Fail(*outcome.problem);
  const bool answered =
      outcome.ending == CallOutcome::Ending::kCompleted || outcome.ending == CallOutcome::Ending::kBroken;
  if (answered) co_await reply.Flush();
  ++served_total_;
  LogCall({.request_id = id,
           .client_key_id = key,
           .dialect = kDialect,
           .model = model,
           .affinity = affinity,
           .status = 0,
           .problem = outcome.problem ? ToString(outcome.problem->kind) : std::string_view(),
           .took = std::chrono::duration_cast<std::chrono::milliseconds>(time_.Steady() - began),
           .bytes = reply.bytes()},
          outcome);
  switch (outcome.ending) {
    case CallOutcome::Ending::kCompleted:
    case CallOutcome::Ending::kBroken: co_return Result<void>();
    case CallOutcome::Ending::kRefused: co_return Error(CodeOf(outcome.problem->kind), outcome.problem->message);
    case CallOutcome::Ending::kClientGone: co_return Error(ErrorCode::kCancelled, "the caller left");
  }
  co_return Result<void>();
}

CallSpec GatewayCalls::SpecFor(std::string_view caller, gateway::v1::GenerateCall call) {
  CallSpec spec;
  spec.request_id = call.request_id();
  if (spec.request_id.empty() || request_ids_.count(spec.request_id) != 0) {
    spec.request_id = OrderedId("req_", time_.Now());
  }
  request_ids_.insert(spec.request_id);
  spec.client_key_id = std::string(kKeyPrefix).append(caller);
  spec.dialect = kDialect;
  spec.call.model = call.request().model();
  TakeFacts(call.request(), spec.call);
  spec.call.affinity.cache_key = call.affinity_key();
  spec.affinity = AffinityOf({}, spec.call.model, spec.call.affinity, spec.client_key_id);
  spec.call.payload = std::move(*call.mutable_request());
  spec.queue_wait = settings_.queue_wait;
  spec.total_timeout = settings_.total_timeout;
  spec.quiet_commit = settings_.heartbeat;
  return spec;
}

Awaitable<void> GatewayCalls::Drain() {
  while (in_flight_ > 0) co_await idle_.Wait();  // bounded by the drain deadline of whoever waits for us
}

}  // namespace patchbay::frontend
