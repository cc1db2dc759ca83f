#include "workers/frontend/gateway/gateway_service.h"

#include <utility>

#include "lib/rpc/server.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"
#include "workers/frontend/gateway/listed_models.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::CountTokensReply;
using gateway::v1::CountTokensRequest;
using gateway::v1::EmbedCall;
using gateway::v1::EmbedReply;
using gateway::v1::Gateway;
using gateway::v1::GenerateCall;
using gateway::v1::GenerateReply;
using gateway::v1::ListModelsReply;
using gateway::v1::ListModelsRequest;
using Stream = rpc::ServerWriter<GenerateReply>;

class StreamWriter final : public GatewayWriter {
 public:
  explicit StreamWriter(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  Awaitable<bool> Send(const GenerateReply& reply) override { co_return co_await stream_->Send(reply); }
  void Cancel() override { stream_->Cancel(); }
  void OnCancelled(std::function<void()> callback) override { stream_->OnCancelled(std::move(callback)); }
  void AddTrailer(const std::string& name, const std::string& value) override { stream_->AddTrailer(name, value); }

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace

GatewayPeer PeerOf(rpc::CallInfo info) {
  return {.role = info.caller.role,
          .name = std::move(info.caller.worker),
          .remote = !info.address.empty(),
          .address = std::move(info.address),
          .keys = std::move(info.keys)};
}

class GatewayService::Impl {
 public:
  Impl(const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models)
      : callers(callers), calls(calls), models(models) {}

  Awaitable<Result<void>> Generate(rpc::CallInfo info, GenerateCall call, std::shared_ptr<Stream> stream) {
    CO_ASSIGN_OR_RETURN(auto caller, co_await callers.Know(PeerOf(std::move(info))));
    co_return co_await calls.Generate(std::move(caller), std::move(call),
                                      std::make_shared<StreamWriter>(std::move(stream)));
  }
  Awaitable<Result<ListModelsReply>> ListModels(rpc::CallInfo info) {
    CO_ASSIGN_OR_RETURN(const auto caller, co_await callers.Know(PeerOf(std::move(info))));
    CO_ASSIGN_OR_RETURN(const auto list, co_await models.List());
    co_return ListedModels(*list, caller.key);
  }
  Awaitable<Result<CountTokensReply>> Count(rpc::CallInfo info, CountTokensRequest request) {
    CO_ASSIGN_OR_RETURN(const auto caller, co_await callers.Know(PeerOf(std::move(info))));
    co_return CountTokens(request);
  }
  Awaitable<Result<EmbedReply>> Embed(rpc::CallInfo info, EmbedCall call, std::shared_ptr<rpc::ServedCall> served) {
    CO_ASSIGN_OR_RETURN(auto caller, co_await callers.Know(PeerOf(std::move(info))));
    GatewayCalls::Sidelines sidelines;
    sidelines.on_cancelled = [served](std::function<void()> callback) { served->OnCancelled(std::move(callback)); };
    sidelines.add_trailer = [served](const std::string& name, const std::string& value) {
      served->AddTrailer(name, value);
    };
    co_return co_await calls.Embed(std::move(caller), std::move(call), std::move(sidelines));
  }

  const GatewayCallers& callers;
  GatewayCalls& calls;
  ModelCatalog& models;
  Gateway::AsyncService service;
};

GatewayService::GatewayService(const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models)
    : impl_(std::make_unique<Impl>(callers, calls, models)) {}
GatewayService::~GatewayService() = default;

void GatewayService::RegisterOn(rpc::Server& server) {
  Impl* const impl = impl_.get();
  server.Register(impl->service);
  server.Watch(impl->service, &Gateway::AsyncService::RequestGenerate,
               [impl](rpc::CallInfo info, GenerateCall call, std::shared_ptr<Stream> stream) {
                 return impl->Generate(std::move(info), std::move(call), std::move(stream));
               });
  server.Unary(impl->service, &Gateway::AsyncService::RequestListModels,
               [impl](rpc::CallInfo info, ListModelsRequest) { return impl->ListModels(std::move(info)); });
  server.Unary(impl->service, &Gateway::AsyncService::RequestCountTokens,
               [impl](rpc::CallInfo info, CountTokensRequest request) {
                 return impl->Count(std::move(info), std::move(request));
               });
  server.Unary(impl->service, &Gateway::AsyncService::RequestEmbed,
               [impl](rpc::CallInfo info, EmbedCall call, std::shared_ptr<rpc::ServedCall> served) {
                 return impl->Embed(std::move(info), std::move(call), std::move(served));
               });
}

}  // namespace patchbay::frontend
