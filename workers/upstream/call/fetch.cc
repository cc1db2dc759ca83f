#include "workers/upstream/call/fetch.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/identity/profiles/header_profile.h"

namespace patchbay::upstream {
namespace {

constexpr std::chrono::milliseconds kDefaultTimeout{30'000};
constexpr std::chrono::milliseconds kMaxTimeout{120'000};

std::chrono::milliseconds TimeoutOf(const v1::FetchRequest& request) {
  const std::chrono::milliseconds timeout = ToMilliseconds(request.timeout());
  return timeout.count() <= 0 ? kDefaultTimeout : std::min(timeout, kMaxTimeout);
}

const Target* TargetOf(const Provider& provider, v1::FetchRequest::Endpoint endpoint) {
  switch (endpoint) {
    case v1::FetchRequest::ENDPOINT_TOKEN: return &provider.token;
    case v1::FetchRequest::ENDPOINT_USAGE: return &provider.usage;
    case v1::FetchRequest::ENDPOINT_MODELS: return &provider.models;
    default: return nullptr;
  }
}

Error FromTransport(const TransportFailure& failure) {
  return Error(failure.timed_out ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable,
               inference::v1::FailureStage_Name(failure.stage) + ": " + failure.message)
      .From(Origin::kUpstream);
}

}  // namespace

Awaitable<Result<v1::FetchReply>> RunFetch(const Environment& environment, v1::FetchRequest request) {
  const auto provider = environment.providers.Find(request.provider());
  if (!provider) co_return Error(ErrorCode::kNotFound, "unknown provider '" + request.provider() + "'");
  const Target* target = TargetOf(*provider, request.endpoint());
  if (target == nullptr) co_return Error(ErrorCode::kInvalidArgument, "unknown endpoint");
  const bool is_token = request.endpoint() == v1::FetchRequest::ENDPOINT_TOKEN;
  const std::chrono::milliseconds timeout = TimeoutOf(request);

  std::shared_ptr<const Credential> credential;
  if (!is_token) {
    credential = co_await environment.credentials->Wait(request.account(), 0, std::min(timeout, kCredentialWait));
    if (!credential) co_return Error(ErrorCode::kNotFound, "no credential for account '" + request.account() + "'");
  }
  HttpRequest http;
  http.authority = target->authority;
  http.tls = target->tls;
  http.allow_private = provider->allow_private;
  http.identity = is_token ? "token" : request.account();
  // A refresh token is used up by being read, so its request is never sent twice.
  http.fresh_connection = is_token;
  http.timeouts = environment.CallTimeouts(timeout);
  http.timeouts.first_byte = std::min(http.timeouts.first_byte, timeout);
  std::string cookie;
  if (target->tls && !is_token) {
    cookie = environment.cookies->HeaderFor(request.account(), target->authority.host, target->path,
                                            environment.clock->Now());
  }
  AccountIdentity account;
  if (credential) account = {credential->access_token.Reveal(), credential->provider_account_id, credential->fedramp};
  const Headers headers = FetchHeaders(credential ? &account : nullptr, request.content_type(), cookie);
  http.head = WriteHead(is_token ? "POST" : "GET", target->path, target->authority, headers, request.body().size());
  if (is_token) http.body = std::move(*request.mutable_body());

  const auto began = environment.clock->Steady();
  Exchange exchange(environment.pool);
  v1::FetchReply reply;
  std::string piece;
  ReadStatus status = ReadStatus::kFailed;
  if (co_await exchange.Start(std::move(http))) {
    while ((status = co_await exchange.Read(piece)) == ReadStatus::kData) {
      if (reply.body().size() + piece.size() > kMaxFetchReplyBytes) {
        co_return Error(ErrorCode::kResourceExhausted, "the reply is too large").From(Origin::kUpstream);
      }
      reply.mutable_body()->append(piece);
    }
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(environment.clock->Steady() - began);
  log::Info("fetch.done", {{"endpoint", v1::FetchRequest::Endpoint_Name(request.endpoint())},
                           {"account", request.account()},
                           {"status", exchange.head().status},
                           {"ms", elapsed.count()},
                           {"reason", exchange.failure().message}});
  if (status == ReadStatus::kFailed) co_return FromTransport(exchange.failure());
  reply.set_status(exchange.head().status);
  const std::string_view content_type = HeaderOr(exchange.head().headers, "content-type");
  if (IsSafeHeaderValue(content_type)) reply.set_content_type(std::string(content_type));
  co_return reply;
}

}  // namespace patchbay::upstream
