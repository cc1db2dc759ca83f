#include "workers/upstream/call/fetch.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/call/outgoing.h"

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
    case v1::FetchRequest::ENDPOINT_RESET_CREDITS: return &provider.reset_credits;
    case v1::FetchRequest::ENDPOINT_REDEEM: return &provider.redeem;
    case v1::FetchRequest::ENDPOINT_DEVICE: return &provider.device;
    case v1::FetchRequest::ENDPOINT_DEVICE_TOKEN: return &provider.device_token;
    case v1::FetchRequest::ENDPOINT_REVOKE: return &provider.revoke;
    case v1::FetchRequest::ENDPOINT_SESSION: return &provider.session;
    default: return nullptr;
  }
}

// Those of logins show no account's credential: it is what they are asked for, or what they get.
bool IsForLogins(v1::FetchRequest::Endpoint endpoint) {
  switch (endpoint) {
    case v1::FetchRequest::ENDPOINT_USAGE:
    case v1::FetchRequest::ENDPOINT_MODELS:
    case v1::FetchRequest::ENDPOINT_RESET_CREDITS:
    case v1::FetchRequest::ENDPOINT_REDEEM: return false;
    default: return true;
  }
}

// Nothing was sent: whoever asked with a token that is good for one use still has it.
bool WasNotSent(inference::v1::FailureStage stage) {
  return stage == inference::v1::FAILURE_STAGE_RESOLVE || stage == inference::v1::FAILURE_STAGE_CONNECT ||
         stage == inference::v1::FAILURE_STAGE_TLS;
}

Error FromTransport(const TransportFailure& failure) {
  const ErrorCode lost = failure.timed_out ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable;
  return Error(WasNotSent(failure.stage) ? ErrorCode::kFailedPrecondition : lost,
               inference::v1::FailureStage_Name(failure.stage) + ": " + failure.message)
      .From(Origin::kUpstream);
}

// `login`: the caller's own, which takes the place of the account's credential; null for none.
Awaitable<Result<v1::FetchReply>> Fetched(const CallContext& context, v1::FetchRequest request,
                                          std::shared_ptr<const v1::CallerLogin> login) {
  const auto provider = context.providers.Find(request.provider());
  if (!provider) co_return Error(ErrorCode::kNotFound, "unknown provider '" + request.provider() + "'");
  const Target* target = TargetOf(*provider, request.endpoint());
  if (target == nullptr) co_return Error(ErrorCode::kInvalidArgument, "unknown endpoint");
  if (target->path.empty()) {
    co_return Error(ErrorCode::kNotFound, "provider '" + provider->name + "' has no such endpoint");
  }
  const bool is_for_logins = IsForLogins(request.endpoint());
  const std::chrono::milliseconds timeout = TimeoutOf(request);

  std::optional<Result<Outgoing>> outgoing;
  if (is_for_logins) {
    // Of a login that is being renewed there may be no credential yet, so the request says which way.
    Result<Road> road = Road::Of(request.account(), request.egress());
    if (!road.ok()) co_return std::move(road).error();
    outgoing.emplace(Outgoing::WithoutCredential(context, provider, std::move(road).value()));
  } else {
    auto credential = co_await context.credentials->Wait(request.account(), request.credential_version(),
                                                         std::min(timeout, kCredentialWait));
    if (!credential) co_return Error(ErrorCode::kNotFound, "no credential for account '" + request.account() + "'");
    if (login != nullptr) credential = CallersCredential(*credential, *login);
    if (!credential) co_return Error(ErrorCode::kInvalidArgument, "the caller shows no login");
    outgoing.emplace(Outgoing::For(context, provider, std::move(credential)));
    if (!outgoing->ok()) co_return std::move(*outgoing).error();
  }
  Timeouts timeouts = context.CallTimeouts(*provider, timeout);
  timeouts.first_byte = std::min(timeouts.first_byte, timeout);
  const bool is_api = request.endpoint() == v1::FetchRequest::ENDPOINT_MODELS;
  // A refresh token is used up by being read, and so is a login's code.
  const bool shows = request.endpoint() == v1::FetchRequest::ENDPOINT_SESSION;
  const bool posts = !shows && (is_for_logins || request.endpoint() == v1::FetchRequest::ENDPOINT_REDEEM);
  HttpRequest http =
      posts ? (*outgoing)->PostOnce(*target, request.content_type(), std::move(*request.mutable_body()), timeouts)
      : shows
          ? (*outgoing)->GetShowing(*target, request.authorization(), timeouts)
          : (*outgoing)->Get(*target, is_api ? Surface::kApi : Surface::kElsewhere, request.content_type(), timeouts);

  const auto began = context.clock->Steady();
  RoundTrip trip(context.pool);
  v1::FetchReply reply;
  std::string piece;
  ReadStatus status = ReadStatus::kFailed;
  if (co_await trip.Start(std::move(http))) {
    while ((status = co_await trip.Read(piece)) == ReadStatus::kData) {
      if (reply.body().size() + piece.size() > kMaxFetchReplyBytes) {
        co_return Error(ErrorCode::kResourceExhausted, "the reply is too large").From(Origin::kUpstream);
      }
      reply.mutable_body()->append(piece);
    }
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(context.clock->Steady() - began);
  log::Info("fetch.done", {{"endpoint", v1::FetchRequest::Endpoint_Name(request.endpoint())},
                           {"account", request.account()},
                           {"status", trip.head().status},
                           {"ms", elapsed.count()},
                           {"reason", trip.failure().message}});
  if (status == ReadStatus::kFailed) co_return FromTransport(trip.failure());
  reply.set_status(trip.head().status);
  // These replies go to accounts as they came: new secrets are what they are for.
  if (!is_for_logins && reply.status() / 100 != 2) (*outgoing)->MakeRedactor().Redact(*reply.mutable_body());
  const std::string_view content_type = HeaderOr(trip.head().headers, "content-type");
  if (IsSafeHeaderValue(content_type)) reply.set_content_type(std::string(content_type));
  co_return reply;
}

}  // namespace

Awaitable<Result<v1::FetchReply>> RunFetch(const CallContext& context, v1::FetchRequest request) {
  return Fetched(context, std::move(request), nullptr);
}

Awaitable<Result<v1::CallersUsageReply>> RunCallersUsage(const CallContext& context, v1::CallersUsageRequest request) {
  v1::FetchRequest fetch;
  fetch.set_endpoint(v1::FetchRequest::ENDPOINT_USAGE);
  fetch.set_provider(request.provider());
  fetch.set_account(request.account());
  *fetch.mutable_timeout() = request.timeout();
  auto fetched = co_await Fetched(context, std::move(fetch),
                                  std::make_shared<const v1::CallerLogin>(std::move(*request.mutable_login())));
  if (!fetched.ok()) co_return std::move(fetched).error();
  v1::CallersUsageReply reply;
  reply.set_status(fetched->status());
  reply.set_content_type(std::move(*fetched->mutable_content_type()));
  reply.set_body(std::move(*fetched->mutable_body()));
  co_return reply;
}

}  // namespace patchbay::upstream
