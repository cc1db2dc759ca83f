#include "workers/accounts/service/watch_services.h"

#include "lib/time/proto_time.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/convert_keys.h"
#include "workers/accounts/service/convert_quota.h"

namespace patchbay::accounts {
namespace {

// Ends the initial set. No account and no key has this for an id.
const std::string kSynced;

template <class Update, class Make>
Awaitable<Result<void>> ServeWatch(asio::any_io_executor executor, UpdateHub& hub, std::vector<std::string> initial,
                                   std::shared_ptr<rpc::ServerWriter<Update>> writer, Make make) {
  auto watcher = std::make_shared<UpdateHub::Watcher>(executor);
  for (const std::string& key : initial) watcher->Add(key);
  hub.Subscribe(watcher);
  writer->OnCancelled([weak = std::weak_ptr(watcher)] {
    if (const auto self = weak.lock()) self->Leave();
  });
  for (;;) {
    std::string key;
    while (!watcher->gone && watcher->Next(key)) {
      const Update update = make(key);
      if (!co_await writer->Send(update)) co_return Result<void>();
    }
    if (watcher->gone) co_return Result<void>();
    if (watcher->draining) co_return Error(ErrorCode::kUnavailable, "accounts is draining");
    co_await watcher->event.Wait();
  }
}

}  // namespace

WatchServices::WatchServices(asio::io_context& io, Core& core, rpc::Server& server) : io_(io), core_(core) {
  server.Register(credentials_);
  server.Register(keys_);
  server.Register(models_);
  server.Register(quotas_);
  server.Watch(quotas_, &v1::Quotas::AsyncService::RequestWatchPools,
               [this](rpc::CallInfo, v1::WatchPoolsRequest, std::shared_ptr<rpc::ServerWriter<v1::PoolQuotas>> writer) {
                 return WatchPools(std::move(writer));
               });
  server.Watch(credentials_, &v1::Credentials::AsyncService::RequestWatch,
               [this](rpc::CallInfo, v1::WatchCredentialsRequest,
                      std::shared_ptr<rpc::ServerWriter<v1::CredentialUpdate>> writer) {
                 return WatchCredentials(std::move(writer));
               });
  server.Watch(
      keys_, &v1::ClientKeys::AsyncService::RequestWatch,
      [this](rpc::CallInfo, v1::WatchClientKeysRequest,
             std::shared_ptr<rpc::ServerWriter<v1::ClientKeyUpdate>> writer) { return WatchKeys(std::move(writer)); });
  server.Unary(models_, &v1::Models::AsyncService::RequestListModels,
               [this](rpc::CallInfo, v1::ListModelsRequest) -> Awaitable<Result<v1::ListModelsReply>> {
                 co_await core_.ModelsKnown();
                 v1::ListModelsReply reply;
                 WriteModels(core_.models(), &reply);
                 co_return reply;
               });
  server.Watch(
      models_, &v1::Models::AsyncService::RequestWatchModels,
      [this](rpc::CallInfo, v1::WatchModelsRequest, std::shared_ptr<rpc::ServerWriter<v1::ListModelsReply>> writer) {
        return WatchModels(std::move(writer));
      });
  server.Unary(models_, &v1::Models::AsyncService::RequestResolveModel,
               [this](rpc::CallInfo, v1::ResolveModelRequest request) -> Awaitable<Result<v1::ResolveModelReply>> {
                 co_await core_.ModelsKnown();
                 v1::ResolveModelReply reply;
                 std::vector<std::string> steps;
                 if (auto choice = core_.models().names().Resolve(request.name(), &steps)) {
                   reply.set_found(true);
                   reply.set_provider(choice->provider);
                   reply.set_wire_model(choice->wire_model);
                   reply.set_reasoning_effort(choice->effort);
                   reply.set_service_tier(choice->service_tier);
                 } else {
                   reply.set_problem(core_.models().UnknownModel(request.name()));
                 }
                 for (std::string& step : steps) reply.add_steps(std::move(step));
                 co_return reply;
               });
}

void WatchServices::Drain() {
  core_.credential_changes().Drain();
  core_.key_changes().Drain();
  core_.model_changes().Drain();
  core_.quotas().changes().Drain();
}

Awaitable<Result<void>> WatchServices::WatchCredentials(
    std::shared_ptr<rpc::ServerWriter<v1::CredentialUpdate>> writer) {
  std::vector<std::string> initial;
  for (const StoredAccount* account : core_.accounts().All()) initial.push_back(account->ref.str());
  initial.push_back(kSynced);
  return ServeWatch<v1::CredentialUpdate>(io_.get_executor(), core_.credential_changes(), std::move(initial),
                                          std::move(writer),
                                          [this](const std::string& ref) { return CredentialOf(ref); });
}

v1::CredentialUpdate WatchServices::CredentialOf(const std::string& ref) const {
  v1::CredentialUpdate update;
  if (ref == kSynced) {
    update.set_synced(true);
    return update;
  }
  const StoredAccount* account = core_.accounts().Find(AccountId(ref));
  if (account == nullptr) {
    update.set_removed(ref);
    return update;
  }
  auto* credential = update.mutable_upsert();
  credential->set_account(ref);
  credential->set_provider(account->provider);
  credential->set_version(account->credential_version);
  credential->set_access_token(account->tokens.access.Reveal());
  credential->set_provider_account_id(account->provider_account_id);
  credential->set_fedramp(account->fedramp);
  credential->set_egress(account->egress);
  return update;
}

Awaitable<Result<void>> WatchServices::WatchKeys(std::shared_ptr<rpc::ServerWriter<v1::ClientKeyUpdate>> writer) {
  std::vector<std::string> initial;
  for (const StoredClientKey& key : core_.keys().List(/*include_revoked=*/false)) {
    initial.push_back(key.id.str());
    if (core_.key_calls().Limits(key.id)) initial.push_back(std::string(ClientKeyBook::kStanding) + key.id.str());
  }
  initial.push_back(kSynced);
  return ServeWatch<v1::ClientKeyUpdate>(io_.get_executor(), core_.key_changes(), std::move(initial), std::move(writer),
                                         [this](const std::string& id) { return KeyOf(id); });
}

Awaitable<Result<void>> WatchServices::WatchModels(std::shared_ptr<rpc::ServerWriter<v1::ListModelsReply>> writer) {
  std::vector<std::string> initial = {ModelBook::kListKey};
  return ServeWatch<v1::ListModelsReply>(io_.get_executor(), core_.model_changes(), std::move(initial),
                                         std::move(writer), [this](const std::string&) {
                                           v1::ListModelsReply list;
                                           WriteModels(core_.models(), &list);
                                           return list;
                                         });
}

Awaitable<Result<void>> WatchServices::WatchPools(std::shared_ptr<rpc::ServerWriter<v1::PoolQuotas>> writer) {
  std::vector<std::string> initial = {Quotas::kPools};
  return ServeWatch<v1::PoolQuotas>(io_.get_executor(), core_.quotas().changes(), std::move(initial), std::move(writer),
                                    [this](const std::string&) {
                                      v1::PoolQuotas pools;
                                      WritePools(core_.quotas().pools(), &pools);
                                      return pools;
                                    });
}

v1::ClientKeyUpdate WatchServices::KeyOf(const std::string& id) const {
  v1::ClientKeyUpdate update;
  if (id == kSynced) {
    update.set_synced(true);
    return update;
  }
  if (id.starts_with(ClientKeyBook::kStanding)) {
    const ClientKeyId of(id.substr(ClientKeyBook::kStanding.size()));
    update.mutable_standing()->set_id(of.str());
    WriteStanding(core_.key_calls().StandingOf(of), core_.key_calls().waiting(of),
                  update.mutable_standing()->mutable_standing());
    return update;
  }
  const StoredClientKey* key = core_.keys().Find(id);
  const std::vector<KeySecret> secrets = key == nullptr ? std::vector<KeySecret>() : core_.keys().SecretsOf(*key);
  if (secrets.empty()) {  // revoked, expired, or not read from the configuration yet
    update.set_removed(id);
    return update;
  }
  auto* hash = update.mutable_upsert();
  hash->set_id(id);
  hash->set_name(key->name);
  hash->set_quota_view(static_cast<v1::QuotaView>(key->quota_view));
  for (const KeySecret& secret : secrets) {
    auto* out = hash->add_secrets();
    out->set_sha256(secret.sha256);
    if (secret.valid_until) SetTimestamp(*secret.valid_until, out->mutable_valid_until());
  }
  if (key->expires_at) SetTimestamp(*key->expires_at, hash->mutable_expires_at());
  *hash->mutable_terms() = key->terms;
  return update;
}

}  // namespace patchbay::accounts
