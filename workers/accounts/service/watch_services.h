// accounts.v1.Credentials, ClientKeys, Models and Quotas: what other workers may know.
#pragma once

#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"
#include "patchbay/accounts/v1/quota.grpc.pb.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

class WatchServices {
 public:
  WatchServices(asio::io_context& io, Core& core, rpc::Server& server);
  // Ends the watches; their readers reconnect to our successor.
  void Drain();

 private:
  Awaitable<Result<void>> WatchCredentials(std::shared_ptr<rpc::ServerWriter<v1::CredentialUpdate>> writer);
  Awaitable<Result<void>> WatchKeys(std::shared_ptr<rpc::ServerWriter<v1::ClientKeyUpdate>> writer);
  v1::CredentialUpdate CredentialOf(const std::string& ref) const;
  Awaitable<Result<void>> WatchModels(std::shared_ptr<rpc::ServerWriter<v1::ListModelsReply>> writer);
  Awaitable<Result<void>> WatchPools(std::shared_ptr<rpc::ServerWriter<v1::PoolQuotas>> writer);
  v1::ClientKeyUpdate KeyOf(const std::string& id) const;

  asio::io_context& io_;
  Core& core_;
  v1::Credentials::AsyncService credentials_;
  v1::ClientKeys::AsyncService keys_;
  v1::Models::AsyncService models_;
  v1::Quotas::AsyncService quotas_;
};

}  // namespace patchbay::accounts
