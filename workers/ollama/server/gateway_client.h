// patchbay.gateway.v1.Gateway and Relay over a channel.
#pragma once

#include <memory>

#include "lib/base/secret.h"
#include "lib/rpc/channel.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"
#include "patchbay/gateway/v1/relay.grpc.pb.h"
#include "workers/ollama/server/gateway.h"

namespace patchbay::ollama {

class GatewayClient final : public Gateway {
 public:
  // How long a call waits for a gateway that restarts.
  static constexpr std::chrono::milliseconds kReconnectWait{5'000};
  // For a short answer.
  static constexpr std::chrono::milliseconds kListTimeout{10'000};
  // For vectors, which a provider makes.
  static constexpr std::chrono::milliseconds kEmbedTimeout{300'000};

  // The reactor outlives it and its calls. `key` is a client key; empty: the gateway knows us by our role.
  GatewayClient(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel, Secret key);
  // For calls from now on.
  void SetKey(Secret key) { key_ = std::move(key); }

  Awaitable<Result<gateway::v1::ListModelsReply>> ListModels() override;
  Awaitable<Result<gateway::v1::EmbedReply>> Embed(const gateway::v1::EmbedCall& call,
                                                   std::shared_ptr<Departure> departure) override;
  Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::GenerateReply>>>> Generate(
      const gateway::v1::GenerateCall& call) override;
  Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::HttpPiece>>>> Relay(const gateway::v1::HttpHead& head,
                                                                             std::string body) override;
  Awaitable<Result<void>> TellClient(const gateway::v1::Recording& told) override;

 private:
  // kUnavailable when the gateway stays away.
  Awaitable<Result<void>> WaitForGateway();
  void ShowKey(grpc::ClientContext& context) const;

  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> channel_;
  Secret key_;
  std::unique_ptr<gateway::v1::Gateway::Stub> gateway_;
  std::unique_ptr<gateway::v1::Relay::Stub> relay_;
};

}  // namespace patchbay::ollama
