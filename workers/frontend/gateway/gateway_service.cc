#include "workers/frontend/gateway/gateway_service.h"

#include <utility>

#include "lib/rpc/server.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::Gateway;
using gateway::v1::GenerateCall;
using gateway::v1::GenerateReply;
using Stream = rpc::ServerWriter<GenerateReply>;

class StreamWriter final : public GatewayWriter {
 public:
  explicit StreamWriter(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  Awaitable<bool> Send(const GenerateReply& reply) override { co_return co_await stream_->Send(reply); }
  void Cancel() override { stream_->Cancel(); }
  void OnCancelled(std::function<void()> callback) override { stream_->OnCancelled(std::move(callback)); }

 private:
  std::shared_ptr<Stream> stream_;
};

Awaitable<Result<gateway::v1::ListModelsReply>> ListModels(ModelCatalog& catalog) {
  CO_ASSIGN_OR_RETURN(const auto models, co_await catalog.List());
  gateway::v1::ListModelsReply reply;
  for (const auto& model : models->models()) {
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

}  // namespace

class GatewayService::Impl {
 public:
  Impl(GatewayCalls& calls, ModelCatalog& models) : calls(calls), models(models) {}

  GatewayCalls& calls;
  ModelCatalog& models;
  Gateway::AsyncService service;
};

GatewayService::GatewayService(GatewayCalls& calls, ModelCatalog& models)
    : impl_(std::make_unique<Impl>(calls, models)) {}
GatewayService::~GatewayService() = default;

void GatewayService::RegisterOn(rpc::Server& server) {
  server.Register(impl_->service);
  server.Watch(impl_->service, &Gateway::AsyncService::RequestGenerate,
               [impl = impl_.get()](rpc::CallInfo info, GenerateCall call, std::shared_ptr<Stream> stream) {
                 return impl->calls.Generate(std::string(rpc::ToString(info.caller.role)), std::move(call),
                                             std::make_shared<StreamWriter>(std::move(stream)));
               });
  server.Unary(
      impl_->service, &Gateway::AsyncService::RequestListModels,
      [impl = impl_.get()](rpc::CallInfo, gateway::v1::ListModelsRequest) { return ListModels(impl->models); });
}

}  // namespace patchbay::frontend
