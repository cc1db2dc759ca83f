#include "workers/frontend/peers/watcher.h"

#include <string_view>
#include <utility>

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"
#include "patchbay/accounts/v1/quota.grpc.pb.h"

namespace patchbay::frontend {

// Of each keeper: which stream is its own, and what it does with it.
template <class Keeper>
struct WatchedStream;

template <>
struct WatchedStream<ClientAuth> {
  using Service = accounts::v1::ClientKeys;
  using Request = accounts::v1::WatchClientKeysRequest;
  using Update = accounts::v1::ClientKeyUpdate;
  static constexpr auto kOpen = &Service::Stub::AsyncWatch;
  static constexpr std::string_view kEnded = "keys.watch_ended";

  static void Begin(ClientAuth& auth) { auth.BeginSet(); }
  static void Take(ClientAuth& auth, const Update& update) {
    auth.Apply(update);
    if (update.has_synced()) log::Info("keys.synced", {{"keys", auth.size()}});
  }
};

template <>
struct WatchedStream<ModelCatalog> {
  using Service = accounts::v1::Models;
  using Request = accounts::v1::WatchModelsRequest;
  using Update = accounts::v1::ListModelsReply;
  static constexpr auto kOpen = &Service::Stub::AsyncWatchModels;
  static constexpr std::string_view kEnded = "models.watch_ended";

  static void Begin(ModelCatalog&) {}  // each message is the whole list
  static void Take(ModelCatalog& models, Update& list) {
    log::Debug("models.told", {{"models", list.models_size()}, {"pending", list.pending()}});
    models.Put(std::exchange(list, Update()));
  }
};

template <>
struct WatchedStream<ClientQuotas> {
  using Service = accounts::v1::Quotas;
  using Request = accounts::v1::WatchPoolsRequest;
  using Update = accounts::v1::PoolQuotas;
  static constexpr auto kOpen = &Service::Stub::AsyncWatchPools;
  static constexpr std::string_view kEnded = "quota.watch_ended";

  static void Begin(ClientQuotas&) {}  // each message is the whole
  static void Take(ClientQuotas& quotas, Update& pools) { quotas.Put(std::exchange(pools, Update())); }
};

template <class Keeper>
struct Watcher<Keeper>::Call {
  std::unique_ptr<rpc::ServerStreamReader<typename WatchedStream<Keeper>::Update>> reader;
};

template <class Keeper>
Watcher<Keeper>::Watcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, Keeper& keeper)
    : reactor_(reactor), accounts_(std::move(accounts)), keeper_(keeper), reconnect_(reactor.io().get_executor()) {}

template <class Keeper>
Watcher<Keeper>::~Watcher() = default;

template <class Keeper>
Awaitable<void> Watcher<Keeper>::Run() {
  co_await reconnect_.Run([this] { return Watch(); });
}

template <class Keeper>
Awaitable<bool> Watcher<Keeper>::Watch() {
  using Mine = WatchedStream<Keeper>;
  const auto stub = Mine::Service::NewStub(accounts_);
  const typename Mine::Request request;
  bool worked = false;
  call_ = std::make_unique<Call>();
  call_->reader = co_await rpc::ServerStreamReader<typename Mine::Update>::Open(
      reactor_,
      [&](auto* context, auto* queue, void* tag) { return (*stub.*Mine::kOpen)(context, request, queue, tag); });
  if (reconnect_.stopped()) call_->reader->Cancel();  // said while there was no reader yet
  Mine::Begin(keeper_);
  typename Mine::Update update;
  while (co_await call_->reader->Receive(update)) {
    worked = true;
    Mine::Take(keeper_, update);
  }
  const Result<void> status = co_await call_->reader->Finish();
  call_.reset();
  if (!status.ok() && !reconnect_.stopped()) log::Debug(Mine::kEnded, {{"reason", status.error().message}});
  co_return worked;
}

template <class Keeper>
void Watcher<Keeper>::Stop() {
  reconnect_.Stop();
  if (call_ && call_->reader) call_->reader->Cancel();
}

template class Watcher<ClientAuth>;
template class Watcher<ModelCatalog>;
template class Watcher<ClientQuotas>;

}  // namespace patchbay::frontend
