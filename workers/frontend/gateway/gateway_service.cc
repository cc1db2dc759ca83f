#include "workers/frontend/gateway/gateway_service.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

#include "lib/base/random.h"
#include "lib/log/log.h"
#include "lib/rpc/server.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/dialects/common/request/request_facts.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::Gateway;
using gateway::v1::GenerateCall;
using gateway::v1::GenerateReply;
using Writer = rpc::ServerWriter<GenerateReply>;

// What accounts and the usage rows know such a caller by; it has no client key.
constexpr std::string_view kKeyPrefix = "worker:";

// Events go on as they came: one upstream message, one message here.
class EventReply final : public ReplySink {
 public:
  explicit EventReply(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) {}

  void BeginAttempt(const accounts::v1::Granted&) override { pending_.Clear(); }
  void TakeHead(const upstream::v1::Head&) override {}
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override {
    *pending_.add_events() = event;
    return {};
  }
  Result<bool> TakeBytes(std::string_view) override {
    return Error(ErrorCode::kInternal, "the gateway service has no byte-transparent route");
  }
  void Commit() override {}
  Awaitable<bool> Flush() override {
    if (pending_.events_size() == 0) co_return true;
    GenerateReply reply;
    reply.Swap(&pending_);
    co_return co_await writer_->Send(reply);
  }

  // The end of a stream that broke after it began: Failed, as the event order has it.
  void Fail(const Problem& problem) {
    auto& failure = *pending_.add_events()->mutable_failed()->mutable_failure();
    failure.set_stage(inference::v1::FAILURE_STAGE_STREAM);
    failure.set_code(std::string(ToString(problem.kind)));
    failure.set_message(problem.message);
  }

 private:
  std::shared_ptr<Writer> writer_;
  GenerateReply pending_;
};

// A refusal is the RPC's own status (gateway.proto).
Error ErrorOf(const Problem& problem) {
  const auto code = [&] {
    switch (problem.kind) {
      case Problem::Kind::kBadRequest:
      case Problem::Kind::kUnsupported:
      case Problem::Kind::kTooLarge:
      case Problem::Kind::kContextTooLong:
      case Problem::Kind::kPolicy: return ErrorCode::kInvalidArgument;
      case Problem::Kind::kUnknownModel: return ErrorCode::kNotFound;
      case Problem::Kind::kThrottled:
      case Problem::Kind::kExhausted:
      case Problem::Kind::kKeyLimit: return ErrorCode::kResourceExhausted;
      case Problem::Kind::kTimeout: return ErrorCode::kDeadlineExceeded;
      default: return ErrorCode::kUnavailable;
    }
  }();
  return Error(code, problem.message);
}

}  // namespace

class GatewayService::Impl {
 public:
  Impl(asio::io_context& io, async::TimeSource& time, Engine& engine, ModelCatalog& models, Settings settings)
      : io_(io), time_(time), engine_(engine), models_(models), settings_(std::move(settings)) {}

  Awaitable<Result<void>> Generate(rpc::CallInfo info, GenerateCall call, std::shared_ptr<Writer> writer) {
    if (!call.has_request() || call.request().model().empty()) {
      co_return Error(ErrorCode::kInvalidArgument, "a request with a model is required");
    }
    CallSpec spec;
    spec.request_id = call.request_id();
    if (spec.request_id.empty() || !request_ids_.insert(spec.request_id).second) {
      spec.request_id = OrderedId("req_", time_.Now());
      request_ids_.insert(spec.request_id);
    }
    const std::string id = spec.request_id;
    spec.client_key_id = std::string(kKeyPrefix) + std::string(rpc::ToString(info.caller.role));
    spec.call.model = call.request().model();
    spec.dialect = "gateway";
    spec.queue_wait = settings_.queue_wait;
    spec.total_timeout = settings_.total_timeout;
    spec.quiet_commit = settings_.quiet_commit;

    TakeFacts(call.request(), spec.call);
    spec.call.affinity.cache_key = call.affinity_key();
    spec.affinity = AffinityOf([](std::string_view) { return std::string_view(); }, spec.call.model, spec.call.affinity,
                               spec.client_key_id);
    spec.call.payload = std::move(*call.mutable_request());
    ShowSession(spec.affinity, spec.call.payload);

    const auto cancellation = std::make_shared<Cancellation>();
    writer->OnCancelled([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
    EventReply reply(writer);
    ++in_flight_;
    const CallOutcome outcome = co_await engine_.Run(std::move(spec), reply, cancellation);
    --in_flight_;
    ++served_total_;
    request_ids_.erase(id);
    log::Info("gateway.call", {{"request", id},
                               {"caller", info.caller.worker},
                               {"account", outcome.account_label},
                               {"attempts", outcome.attempts},
                               {"problem", outcome.problem ? ToString(outcome.problem->kind) : ""}});
    switch (outcome.ending) {
      case CallOutcome::Ending::kCompleted: break;
      case CallOutcome::Ending::kRefused: co_return ErrorOf(*outcome.problem);
      case CallOutcome::Ending::kBroken: reply.Fail(*outcome.problem); break;
      case CallOutcome::Ending::kClientGone: co_return Error(ErrorCode::kCancelled, "the caller left");
    }
    co_await reply.Flush();
    co_return Result<void>();
  }

  Awaitable<Result<gateway::v1::ListModelsReply>> ListModels() {
    CO_ASSIGN_OR_RETURN(const auto models, co_await models_.List());
    gateway::v1::ListModelsReply reply;
    for (const auto& model : models.models()) {
      if (model.hidden()) continue;
      auto& out = *reply.add_models();
      out.set_id(model.id());
      out.set_provider(model.provider());
      out.set_display_name(model.display_name());
      out.set_context_window(model.context_window());
      out.set_vision(model.vision());
      out.set_tools(model.tools());
      *out.mutable_reasoning_efforts() = model.reasoning_efforts();
      *out.mutable_created_at() = model.created_at();
    }
    co_return reply;
  }

  Awaitable<void> Drain() {
    constexpr std::chrono::milliseconds kLook{10};
    asio::steady_timer timer(io_);
    while (in_flight_ > 0) {  // bounded by the drain deadline of whoever waits for us
      timer.expires_after(kLook);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::io_context& io_;
  async::TimeSource& time_;
  Engine& engine_;
  ModelCatalog& models_;
  Settings settings_;
  Gateway::AsyncService service_;
  std::unordered_set<std::string> request_ids_;  // of calls in flight
  std::int64_t in_flight_ = 0;
  std::int64_t served_total_ = 0;
};

GatewayService::GatewayService(asio::io_context& io, async::TimeSource& time, Engine& engine, ModelCatalog& models,
                               Settings settings)
    : impl_(std::make_unique<Impl>(io, time, engine, models, std::move(settings))) {}
GatewayService::~GatewayService() = default;

void GatewayService::RegisterOn(rpc::Server& server) {
  server.Register(impl_->service_);
  server.Watch(impl_->service_, &Gateway::AsyncService::RequestGenerate,
               [impl = impl_.get()](rpc::CallInfo info, GenerateCall call, std::shared_ptr<Writer> writer) {
                 return impl->Generate(std::move(info), std::move(call), std::move(writer));
               });
  server.Unary(impl_->service_, &Gateway::AsyncService::RequestListModels,
               [impl = impl_.get()](rpc::CallInfo, gateway::v1::ListModelsRequest) { return impl->ListModels(); });
}

void GatewayService::SetSettings(Settings settings) { impl_->settings_ = std::move(settings); }
Awaitable<void> GatewayService::Drain() { return impl_->Drain(); }
std::int64_t GatewayService::in_flight() const { return impl_->in_flight_; }
std::int64_t GatewayService::served_total() const { return impl_->served_total_; }

}  // namespace patchbay::frontend
