#include "lib/rpc/channel.h"

#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_interceptor.h>

#include "lib/rpc/tuning.h"

namespace patchbay::rpc {
namespace {

// Adds the role token to every call. An interceptor, because call credentials need a secure channel.
class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const Secret& token) : token_(token) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace(kRoleMetadata, token_.Reveal());
    }
    methods->Proceed();
  }

 private:
  const Secret& token_;
};

class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(Secret token) : token_(std::move(token)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new TokenInterceptor(token_);
  }

 private:
  const Secret token_;
};

// A peer that is starting, or a machine that is busy, lets a connection wait for its greeting; it is not given up
// before this.
constexpr int kGreetingTimeoutMs = 2'000;
// Across a network, with a handshake.
constexpr int kRemoteGreetingTimeoutMs = 10'000;
constexpr int kRemoteFirstPauseMs = 100;
constexpr int kRemoteLongestPauseMs = 5'000;
// The server allows a ping every 10 s.
constexpr int kSignOfLifeMs = 20'000;
constexpr int kSignOfLifeTimeoutMs = 10'000;

grpc::ChannelArguments CommonArguments() {
  grpc::ChannelArguments arguments;
  for (const auto& [name, value] : kLocalSocketArguments) arguments.SetInt(name, value);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // one connection per channel, never shared
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, const Secret& token) {
  grpc::ChannelArguments arguments = CommonArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 5);
  // In spite of its name: how long one connection may take until the other side has greeted.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kGreetingTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (!token.empty()) interceptors.push_back(std::make_unique<TokenInterceptorFactory>(token));
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, grpc::InsecureChannelCredentials(), arguments,
                                                                 std::move(interceptors));
}

std::shared_ptr<grpc::Channel> MakeTlsChannel(const std::string& address, const TlsFiles& files,
                                              const std::string& name) {
  grpc::ChannelArguments arguments = CommonArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kRemoteFirstPauseMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kRemoteGreetingTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kRemoteLongestPauseMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kSignOfLifeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kSignOfLifeTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetSslTargetNameOverride(name);
  return grpc::CreateCustomChannel(address, TlsChannelCredentials(files), arguments);
}

Awaitable<bool> WaitUntilReady(Reactor& reactor, std::shared_ptr<grpc::Channel> channel,
                               std::chrono::milliseconds timeout) {
  const gpr_timespec deadline =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout.count(), GPR_TIMESPAN));
  for (;;) {
    const grpc_connectivity_state state = channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) co_return true;
    const bool changed =
        co_await reactor.Run([&](void* tag) { channel->NotifyOnStateChange(state, deadline, reactor.queue(), tag); });
    if (!changed) co_return channel->GetState(false) == GRPC_CHANNEL_READY;
  }
}

}  // namespace patchbay::rpc
