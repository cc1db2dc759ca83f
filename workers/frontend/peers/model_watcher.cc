#include "workers/frontend/peers/model_watcher.h"

#include <utility>

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"

namespace patchbay::frontend {

struct ModelWatcher::Call {
  std::unique_ptr<rpc::ServerStreamReader<accounts::v1::ListModelsReply>> reader;
};

ModelWatcher::ModelWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ModelCatalog& models)
    : reactor_(reactor), accounts_(std::move(accounts)), models_(models), reconnect_(reactor.io().get_executor()) {}
ModelWatcher::~ModelWatcher() = default;

Awaitable<void> ModelWatcher::Run() {
  co_await reconnect_.Run([this] { return Watch(); });
}

Awaitable<bool> ModelWatcher::Watch() {
  const auto stub = accounts::v1::Models::NewStub(accounts_);
  const accounts::v1::WatchModelsRequest request;
  bool worked = false;
  call_ = std::make_unique<Call>();
  call_->reader = co_await rpc::ServerStreamReader<accounts::v1::ListModelsReply>::Open(
      reactor_,
      [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatchModels(context, request, queue, tag); });
  if (reconnect_.stopped()) call_->reader->Cancel();  // said while there was no reader yet
  accounts::v1::ListModelsReply list;
  while (co_await call_->reader->Receive(list)) {
    worked = true;
    log::Debug("models.told", {{"models", list.models_size()}, {"pending", list.pending()}});
    models_.Put(std::move(list));
    list.Clear();
  }
  const Result<void> status = co_await call_->reader->Finish();
  call_.reset();
  if (!status.ok() && !reconnect_.stopped()) log::Debug("models.watch_ended", {{"reason", status.error().message}});
  co_return worked;
}

void ModelWatcher::Stop() {
  reconnect_.Stop();
  if (call_ && call_->reader) call_->reader->Cancel();
}

}  // namespace patchbay::frontend
