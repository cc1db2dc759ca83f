#include "workers/frontend/gateway/gateway_calls.h"

#include <chrono>
#include <utility>

#include "lib/base/random.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/request/embed_bytes.h"
#include "workers/frontend/dialects/common/request/request_facts.h"
#include "workers/frontend/engine/call_log.h"
#include "workers/frontend/gateway/embed_sink.h"

namespace patchbay::frontend {
namespace {

using Ending = CallOutcome::Ending;

constexpr std::string_view kDialect = "gateway";
// Ids that callers choose stand in logs and metadata.
constexpr std::size_t kLongestCallId = 128;

// gateway.proto names them.
constexpr char kRequestIdTrailer[] = "patchbay-request-id";
constexpr char kProblemTrailer[] = "patchbay-problem";
constexpr char kRetryAfterTrailer[] = "patchbay-retry-after-ms";

bool MayBeRequestId(std::string_view text) {
  if (text.empty() || text.size() > kLongestCallId) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

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
    case Problem::Kind::kBadKey: return ErrorCode::kUnauthenticated;
    case Problem::Kind::kForbidden: return ErrorCode::kPermissionDenied;
    case Problem::Kind::kMethodNotAllowed:
    case Problem::Kind::kNoAccount:
    case Problem::Kind::kOverloaded:
    case Problem::Kind::kUnavailable:
    case Problem::Kind::kProvider:
    case Problem::Kind::kInternal: return ErrorCode::kUnavailable;
  }
  return ErrorCode::kUnavailable;
}

// What the RPC ends with when nothing was answered; tells of it in the trailers.
template <class AddTrailer>
Error Refusal(const Problem& problem, const AddTrailer& add_trailer) {
  add_trailer(kProblemTrailer, std::string(ToString(problem.kind)));
  if (problem.retry_after) add_trailer(kRetryAfterTrailer, std::to_string(problem.retry_after->count()));
  return Error(CodeOf(problem.kind), problem.message);
}

// What the record of a call names; the call itself is given to the engine.
class CallNames {
 public:
  explicit CallNames(const CallSpec& spec)
      : id_(spec.request_id), key_(spec.client_key_id), model_(spec.call.model), affinity_(spec.affinity.source) {}

  void Log(const CallOutcome& outcome, SteadyTime::duration took, std::size_t bytes) const {
    LogCall({.request_id = id_,
             .client_key_id = key_,
             .dialect = kDialect,
             .model = model_,
             .affinity = affinity_,
             .status = 0,
             .problem = outcome.problem ? ToString(outcome.problem->kind) : std::string_view(),
             .took = std::chrono::duration_cast<std::chrono::milliseconds>(took),
             .bytes = bytes},
            outcome);
  }

 private:
  const std::string id_, key_, model_, affinity_;
};

Error CallerLeft() { return {ErrorCode::kCancelled, "the caller left"}; }

}  // namespace

class GatewayCalls::Running {
 public:
  Running(GatewayCalls& calls, const CallSpec& spec) : calls_(calls), id_(spec.request_id) { ++calls_.in_flight_; }
  ~Running() {
    calls_.request_ids_.erase(id_);
    if (--calls_.in_flight_ == 0) calls_.idle_.Notify();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  GatewayCalls& calls_;
  const std::string id_;
};

Awaitable<Result<void>> GatewayCalls::Generate(GatewayCaller caller, gateway::v1::GenerateCall call,
                                               std::shared_ptr<GatewayWriter> writer) {
  if (!call.has_request() || call.request().model().empty()) {
    co_return Error(ErrorCode::kInvalidArgument, "a request with a model is required");
  }
  EventReply reply(call.request().model(), writer, time_, settings_.http.write_timeout);
  const bool tells_client = call.tells_client();
  CallSpec spec = GenerateSpec(caller, std::move(call));
  const Running running(*this, spec);
  const CallNames names(spec);
  writer->AddTrailer(kRequestIdTrailer, spec.request_id);

  const auto cancellation = std::make_shared<Cancellation>();
  writer->OnCancelled([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  const RecordingPtr recording = RecordingOf(spec, tells_client);
  // A caller that is gone is seen by the engine, too.
  if (recording != nullptr) co_await reply.Record(recording);
  const CallOutcome outcome = co_await engine_.Run(std::move(spec), reply, cancellation);
  EndRecording(recording, outcome);
  if (outcome.ending == Ending::kBroken) reply.Fail(*outcome.problem);
  const bool answered = outcome.ending == Ending::kCompleted || outcome.ending == Ending::kBroken;
  if (answered) co_await reply.Finish();
  ++served_total_;
  names.Log(outcome, time_.Steady() - reply.began(), reply.bytes());
  if (answered) co_return Result<void>();
  if (outcome.ending == Ending::kClientGone) co_return CallerLeft();
  co_return Refusal(*outcome.problem,
                    [&](const char* name, const std::string& value) { writer->AddTrailer(name, value); });
}

Awaitable<Result<gateway::v1::EmbedReply>> GatewayCalls::Embed(GatewayCaller caller, gateway::v1::EmbedCall call,
                                                               Sidelines sidelines) {
  CO_RETURN_IF_ERROR(CheckEmbedCall(call));
  const int inputs = call.inputs_size();
  EmbedSink sink(call.model(), time_);
  const bool tells_client = call.tells_client();
  CallSpec spec = EmbedSpec(caller, std::move(call));
  const Running running(*this, spec);
  const CallNames names(spec);
  sidelines.add_trailer(kRequestIdTrailer, spec.request_id);

  const auto cancellation = std::make_shared<Cancellation>();
  sidelines.on_cancelled([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  const RecordingPtr recording = RecordingOf(spec, tells_client);
  const CallOutcome outcome = co_await engine_.Run(std::move(spec), sink, cancellation);
  ++served_total_;
  names.Log(outcome, time_.Steady() - sink.began(), sink.bytes());
  if (recording != nullptr) AppendBounded(*recording->mutable_provider_bytes(), sink.body(), *recording);
  EndRecording(recording, outcome);
  if (outcome.ending == Ending::kCompleted) {
    auto reply = sink.Take(inputs);
    if (reply.ok() && recording != nullptr) reply->set_recording(recording->request_id());
    if (reply.ok()) co_return std::move(*reply);
    if (recording != nullptr) bridged_->Forget(recording->request_id());
    co_return Refusal(ProblemOf(reply.error()), sidelines.add_trailer);
  }
  if (recording != nullptr) bridged_->Forget(recording->request_id());
  if (outcome.ending == Ending::kClientGone) co_return CallerLeft();
  co_return Refusal(*outcome.problem, sidelines.add_trailer);
}

RecordingPtr GatewayCalls::RecordingOf(const CallSpec& spec, bool tells_client) const {
  return bridged_ == nullptr || !tells_client ? nullptr : bridged_->Begin(spec.request_id, spec.client_key_id);
}

void GatewayCalls::EndRecording(const RecordingPtr& recording, const CallOutcome& outcome) {
  if (recording == nullptr) return;
  bridged_->Ended(recording->request_id(), ToString(outcome.ending),
                  outcome.problem ? ToString(outcome.problem->kind) : std::string_view());
}

std::string GatewayCalls::RequestId(const std::string& wished) {
  std::string id = wished;
  if (!MayBeRequestId(id) || request_ids_.count(id) != 0) id = OrderedId("req_", time_.Now());
  request_ids_.insert(id);
  return id;
}

CallSpec GatewayCalls::SpecFor(const GatewayCaller& caller, std::string request_id) const {
  CallSpec spec;
  spec.request_id = std::move(request_id);
  spec.client_key_id = caller.key.id;
  spec.source = caller.address;
  spec.counts_tokens = CountsTokens(caller.key);
  spec.dialect = kDialect;
  spec.queue_wait = settings_.queue_wait;
  spec.total_timeout = settings_.total_timeout;
  spec.quiet_commit = settings_.heartbeat;
  return spec;
}

CallSpec GatewayCalls::GenerateSpec(const GatewayCaller& caller, gateway::v1::GenerateCall call) {
  CallSpec spec = SpecFor(caller, RequestId(call.request_id()));
  spec.traceparent = call.traceparent();
  spec.call.model = call.request().model();
  TakeFacts(call.request(), spec.call);
  spec.call.affinity.cache_key = call.affinity_key();
  spec.affinity = AffinityOf({}, spec.call.model, spec.call.affinity, spec.client_key_id);
  spec.call.payload = std::move(*call.mutable_request());
  return spec;
}

CallSpec GatewayCalls::EmbedSpec(const GatewayCaller& caller, gateway::v1::EmbedCall call) {
  CallSpec spec = SpecFor(caller, RequestId(call.request_id()));
  spec.call.model = call.model();
  spec.call.payload = EmbedPayload(std::move(call));
  return spec;
}

Awaitable<void> GatewayCalls::Drain() {
  while (in_flight_ > 0) co_await idle_.Wait();  // bounded by the drain deadline of whoever waits for us
}

Result<gateway::v1::CountTokensReply> CountTokens(const gateway::v1::CountTokensRequest& request) {
  if (request.request().model().empty())
    return Error(ErrorCode::kInvalidArgument, "a request with a model is required");
  gateway::v1::CountTokensReply reply;
  reply.set_input_tokens(EstimateTokens(request.request()));
  return reply;
}

}  // namespace patchbay::frontend
