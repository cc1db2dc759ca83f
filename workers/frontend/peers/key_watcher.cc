#include "workers/frontend/peers/key_watcher.h"

#include <utility>

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"

namespace patchbay::frontend {

struct KeyWatcher::Call {
  std::unique_ptr<rpc::ServerStreamReader<accounts::v1::ClientKeyUpdate>> reader;
};

KeyWatcher::KeyWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ClientAuth& auth)
    : reactor_(reactor), accounts_(std::move(accounts)), auth_(auth), reconnect_(reactor.io().get_executor()) {}
KeyWatcher::~KeyWatcher() = default;

Awaitable<void> KeyWatcher::Run() {
  co_await reconnect_.Run([this] { return Watch(); });
}

Awaitable<bool> KeyWatcher::Watch() {
  const auto stub = accounts::v1::ClientKeys::NewStub(accounts_);
  const accounts::v1::WatchClientKeysRequest request;
  bool worked = false;
  call_ = std::make_unique<Call>();
  call_->reader = co_await rpc::ServerStreamReader<accounts::v1::ClientKeyUpdate>::Open(
      reactor_, [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
  if (reconnect_.stopped()) call_->reader->Cancel();  // said while there was no reader yet
  auth_.BeginSet();
  accounts::v1::ClientKeyUpdate update;
  while (co_await call_->reader->Receive(update)) {
    worked = true;
    auth_.Apply(update);
    if (update.has_synced()) log::Info("keys.synced", {{"keys", auth_.size()}});
  }
  const Result<void> status = co_await call_->reader->Finish();
  call_.reset();
  if (!status.ok() && !reconnect_.stopped()) log::Debug("keys.watch_ended", {{"reason", status.error().message}});
  co_return worked;
}

void KeyWatcher::Stop() {
  reconnect_.Stop();
  if (call_ && call_->reader) call_->reader->Cancel();
}

}  // namespace patchbay::frontend
