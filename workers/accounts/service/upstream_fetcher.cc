#include "workers/accounts/service/upstream_fetcher.h"

#include "lib/rpc/channel.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/convert_quota.h"

namespace patchbay::accounts {
namespace {

namespace v1 = upstream::v1;

constexpr std::chrono::seconds kFetchTimeout{20};
// Upstream ends a fetch by itself first, so that its reason reaches us.
constexpr std::chrono::seconds kCallTimeout{25};

v1::FetchRequest::Endpoint ToProto(LoginEndpoint endpoint) {
  switch (endpoint) {
    case LoginEndpoint::kToken: return v1::FetchRequest::ENDPOINT_TOKEN;
    case LoginEndpoint::kDevice: return v1::FetchRequest::ENDPOINT_DEVICE;
    case LoginEndpoint::kDeviceToken: return v1::FetchRequest::ENDPOINT_DEVICE_TOKEN;
    case LoginEndpoint::kRevoke: return v1::FetchRequest::ENDPOINT_REVOKE;
    case LoginEndpoint::kSession: return v1::FetchRequest::ENDPOINT_SESSION;
  }
  return v1::FetchRequest::ENDPOINT_UNSPECIFIED;
}

class UpstreamFetcher final : public Fetcher {
 public:
  UpstreamFetcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel)
      : reactor_(reactor), stub_(v1::Upstream::NewStub(std::move(channel))) {}

  Awaitable<Result<FetchAnswer>> Post(LoginEndpoint endpoint, LoginRoad road, TokenRequest question) override {
    v1::FetchRequest request;
    request.set_provider(std::move(road.provider));
    request.set_endpoint(ToProto(endpoint));
    request.set_egress(std::move(road.egress));
    request.set_account(std::move(road.owner));
    request.set_content_type(std::move(question.content_type));
    request.set_body(question.body.Reveal());
    request.set_authorization(question.shown.Reveal());
    return Fetch(std::move(request));
  }

  Awaitable<Result<FetchAnswer>> Usage(std::string provider, AccountId account,
                                       std::int64_t credential_version) override {
    return Get(v1::FetchRequest::ENDPOINT_USAGE, std::move(provider), account, credential_version);
  }

  Awaitable<Result<FetchAnswer>> ResetCredits(std::string provider, AccountId account) override {
    return Get(v1::FetchRequest::ENDPOINT_RESET_CREDITS, std::move(provider), account);
  }

  Awaitable<Result<FetchAnswer>> Redeem(std::string provider, AccountId account, std::string body) override {
    v1::FetchRequest request;
    request.set_provider(std::move(provider));
    request.set_endpoint(v1::FetchRequest::ENDPOINT_REDEEM);
    request.set_account(account.str());
    request.set_content_type("application/json");
    request.set_body(std::move(body));
    return Fetch(std::move(request));
  }

  Awaitable<Result<FetchAnswer>> Models(std::string provider, AccountId account) override {
    return Get(v1::FetchRequest::ENDPOINT_MODELS, std::move(provider), account);
  }

  Awaitable<Result<AnswerFacts>> ReadError(std::string provider, SeenAnswer answer) override {
    v1::ReadErrorRequest request;
    request.set_provider(std::move(provider));
    request.set_status(answer.status);
    for (auto& [name, value] : answer.headers) {
      auto& header = *request.add_headers();
      header.set_name(std::move(name));
      header.set_value(std::move(value));
    }
    request.set_body(std::move(answer.body));
    const auto reply = co_await rpc::Unary<v1::ReadErrorReply>(reactor_, kCallTimeout, [&](auto* context, auto* queue) {
      return stub_->AsyncReadError(context, request, queue);
    });
    if (!reply.ok()) co_return reply.error();
    co_return AnswerFacts{ToFacts(reply->failure()), ToFacts(reply->rate_limits())};
  }

 private:
  Awaitable<Result<FetchAnswer>> Get(v1::FetchRequest::Endpoint endpoint, std::string provider,
                                     const AccountId& account, std::int64_t credential_version = 0) {
    v1::FetchRequest request;
    request.set_provider(std::move(provider));
    request.set_endpoint(endpoint);
    request.set_account(account.str());
    request.set_credential_version(credential_version);
    return Fetch(std::move(request));
  }

  Awaitable<Result<FetchAnswer>> Fetch(v1::FetchRequest request) {
    request.mutable_timeout()->set_seconds(kFetchTimeout.count());
    auto reply = co_await rpc::Unary<v1::FetchReply>(reactor_, kCallTimeout, [&](auto* context, auto* queue) {
      // Upstream may be starting: what was not sent yet can wait, and an unsent refresh is not a lost one.
      context->set_wait_for_ready(true);
      return stub_->AsyncFetch(context, request, queue);
    });
    if (!reply.ok()) co_return std::move(reply).error();
    co_return FetchAnswer{reply->status(), Secret(std::move(*reply->mutable_body()))};
  }

  rpc::Reactor& reactor_;
  std::unique_ptr<v1::Upstream::Stub> stub_;
};

}  // namespace

std::unique_ptr<Fetcher> MakeUpstreamFetcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream) {
  return std::make_unique<UpstreamFetcher>(reactor, std::move(upstream));
}

}  // namespace patchbay::accounts
