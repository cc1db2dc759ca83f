#include "workers/upstream/call/call.h"

#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/call/facts.h"
#include "workers/upstream/identity/profiles/header_profile.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

bool IsEventStream(const ResponseHead& head) {
  return LowerCase(HeaderOr(head.headers, "content-type")).starts_with("text/event-stream");
}

}  // namespace

ModelCall::ModelCall(const Environment& environment, CallStream& stream)
    : environment_(environment), stream_(stream), began_(environment.clock->Steady()), exchange_(environment.pool) {}

void ModelCall::Cancel() {
  cancelled_ = true;
  exchange_.Cancel();
}

Awaitable<Result<void>> ModelCall::Run() {
  CO_RETURN_IF_ERROR(co_await ReceiveOpen());
  timeouts_ = environment_.CallTimeouts(ToMilliseconds(open_.total_timeout()));
  if (open_.has_raw()) {
    CO_RETURN_IF_ERROR(co_await ReceiveBody());
  }
  credential_ = co_await environment_.credentials->Wait(open_.account(), open_.credential_version(), kCredentialWait);
  if (cancelled_) co_return Error(ErrorCode::kCancelled, "the caller has gone");
  if (!credential_) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_CREDENTIAL);
    end_.mutable_failure()->set_message("no credential for the account in time");
    co_return co_await SendEnd();
  }
  std::string_view session = open_.session_id();
  if (session.empty()) session = ForwardedSession(forwarded_);
  session_ = SessionUuid(session.empty() ? open_.request_id() : session, open_.account());
  if (open_.has_canonical() && !EncodeBody()) co_return co_await SendEnd();
  HttpRequest request = MakeRequest(*credential_);  // named: GCC 12 copies a temporary inside co_await byte by byte
  if (!co_await exchange_.Start(std::move(request))) {
    TakeTransportFailure();
    co_return co_await SendEnd();
  }
  co_return co_await Answer();
}

Awaitable<Result<void>> ModelCall::ReceiveOpen() {
  v1::CallRequest first;
  if (!co_await stream_.Receive(first) || !first.has_open()) {
    co_return Error(ErrorCode::kInvalidArgument, "the first message must be Open");
  }
  open_ = std::move(*first.mutable_open());
  provider_ = environment_.providers.Find(open_.provider());
  if (!provider_) co_return Error(ErrorCode::kInvalidArgument, "unknown provider '" + open_.provider() + "'");
  if (!open_.egress().empty()) co_return Error(ErrorCode::kInvalidArgument, "unknown egress '" + open_.egress() + "'");
  if (open_.has_raw() && open_.raw().dialect() != provider_->dialect->raw_dialect()) {
    co_return Error(ErrorCode::kInvalidArgument,
                    "provider '" + open_.provider() + "' does not speak '" + open_.raw().dialect() + "'");
  }
  if (!open_.has_raw() && !open_.has_canonical()) co_return Error(ErrorCode::kInvalidArgument, "Open has no payload");
  for (const v1::Header& header : open_.forwarded_headers()) forwarded_.push_back({header.name(), header.value()});
  co_return Result<void>();
}

Awaitable<Result<void>> ModelCall::ReceiveBody() {
  const std::uint64_t total = open_.raw().total_bytes();
  if (total > kMaxRequestBodyBytes) co_return Error(ErrorCode::kResourceExhausted, "the body is too large");
  body_.body = std::move(*open_.mutable_raw()->mutable_begin());
  if (body_.body.size() > total) co_return Error(ErrorCode::kInvalidArgument, "the body is longer than announced");
  body_.body.reserve(total);
  v1::CallRequest piece;
  while (body_.body.size() < total) {
    if (!co_await stream_.Receive(piece))
      co_return Error(ErrorCode::kInvalidArgument, "the body is shorter than announced");
    if (piece.chunk().size() > total - body_.body.size()) {
      co_return Error(ErrorCode::kInvalidArgument, "the body is longer than announced");
    }
    body_.body.append(piece.chunk());
  }
  co_return Result<void>();
}

bool ModelCall::EncodeBody() {
  Result<EncodedRequest> encoded = provider_->dialect->EncodeRequest(open_.canonical(), session_);
  if (encoded.ok() && encoded->body.size() <= kMaxRequestBodyBytes) {
    body_ = std::move(encoded).value();
    return true;
  }
  // What cannot be said in the provider's dialect the provider would answer with these statuses, so
  // that is what our caller is told, without asking it.
  inf::Failure& failure = *end_.mutable_failure();
  failure.set_stage(inf::FAILURE_STAGE_STATUS);
  failure.set_type("invalid_request_error");
  failure.set_http_status(encoded.ok() ? 413 : 400);
  failure.set_message(encoded.ok() ? "the request is too large" : encoded.error().message);
  if (!encoded.ok()) failure.set_param(encoded.error().where);
  return false;
}

HttpRequest ModelCall::MakeRequest(const Credential& credential) {
  const Target& target = provider_->generate;
  const AccountIdentity account{credential.access_token.Reveal(), credential.provider_account_id, credential.fedramp};
  CallIdentity identity;
  identity.session = session_;
  if (open_.has_canonical()) {
    identity.model = open_.canonical().model();
    identity.tier = open_.canonical().service_tier();
  }
  identity.traceparent = open_.traceparent();
  identity.forwarded = &forwarded_;
  std::string cookie;
  if (target.tls) {
    cookie =
        environment_.cookies->HeaderFor(open_.account(), target.authority.host, target.path, environment_.clock->Now());
  }
  identity.cookie = cookie;

  HttpRequest request;
  request.authority = target.authority;
  request.tls = target.tls;
  request.allow_private = provider_->allow_private;
  request.identity = open_.account();
  request.head =
      WriteHead("POST", target.path, target.authority, GenerateHeaders(account, identity), body_.body.size());
  request.body = std::move(body_.body);
  request.timeouts = timeouts_;
  open_.clear_canonical();  // said; a long conversation need not be held twice
  return request;
}

Awaitable<Result<void>> ModelCall::Answer() {
  const WallTime now = environment_.clock->Now();
  const ResponseHead& head = exchange_.head();
  TakeHeadFacts(now);
  FillHead();
  const bool succeeded = head.status >= 200 && head.status < 300;
  if (!succeeded || !IsEventStream(head)) {
    co_await ReadErrorReply();
    co_return co_await SendEnd();
  }
  const bool raw = open_.has_raw();
  // Two plain awaits: GCC 12 destroys an awaitable too early that `?:` chose.
  bool passed = false;
  if (raw) {
    passed = co_await PassBytes();
  } else {
    passed = co_await PassEvents();
  }
  if (!passed) {
    exchange_.Cancel();
    co_return Error(ErrorCode::kCancelled, "the caller has gone");
  }
  Result<void> result = co_await SendEnd();
  if (!raw && !end_.has_failure()) {
    // The tail behind the terminal event, so that the connection can be used again.
    std::string tail;
    exchange_.LimitStall(kEndGrace);
    while (co_await exchange_.Read(tail) == ReadStatus::kData) {
    }
  }
  co_return result;
}

void ModelCall::FillHead() {
  v1::Head& head = *reply_.mutable_head();
  head = VisibleHead(*provider_->dialect, exchange_.head());
  if (body_.ignored.empty()) return;
  std::string names;
  for (const std::string& name : body_.ignored) names += (names.empty() ? "" : ", ") + name;
  v1::Header& ignored = *head.add_headers();
  ignored.set_name("x-patchbay-ignored");
  ignored.set_value(names);
}

// What is known by now leaves before somebody waits for more. False: the caller has gone.
Awaitable<bool> ModelCall::SendKnown() {
  const bool nothing = !reply_.has_head() && reply_.events().events().empty() && reply_.chunk().empty();
  if (nothing) co_return true;
  const bool sent = co_await stream_.Send(reply_);
  reply_.clear_head();
  reply_.mutable_events()->mutable_events()->Clear();
  reply_.clear_chunk();
  co_return sent;
}

// An error, or a success that is no event stream: as much of the body as tells why.
Awaitable<void> ModelCall::ReadErrorReply() {
  std::string body, piece;
  exchange_.LimitStall(environment_.CallTimeouts({}).connect);
  while (body.size() < kMaxErrorBodyBytes && co_await exchange_.Read(piece) == ReadStatus::kData) body += piece;
  inf::Failure failure = provider_->dialect->DecodeError(exchange_.head(), body, environment_.clock->Now());
  if (failure.http_status() < 300) {
    failure.set_stage(inf::FAILURE_STAGE_STREAM);
    if (failure.message().empty()) failure.set_message("the provider's reply is no event stream");
  }
  *end_.mutable_failure() = std::move(failure);
}

Awaitable<bool> ModelCall::PassEvents() {
  const auto decoder = provider_->dialect->NewDecoder(environment_.clock->Now());
  std::string piece;
  Result<void> decoded;
  while (decoded.ok() && !decoder->summary().ended) {
    if (!exchange_.has_unread()) {
      const bool sent = co_await SendKnown();
      if (!sent) co_return false;
    }
    if (co_await exchange_.Read(piece) != ReadStatus::kData) break;
    decoded = decoder->Feed(piece, *reply_.mutable_events()->mutable_events());
  }
  TakeSummary(decoder->summary(), std::move(decoded));
  co_return true;
}

Awaitable<bool> ModelCall::PassBytes() {
  const auto observer = provider_->dialect->NewObserver(environment_.clock->Now());
  std::string piece;
  Result<void> observed;
  for (;;) {
    if (!exchange_.has_unread()) {
      const bool sent = co_await SendKnown();
      if (!sent) co_return false;
    }
    if (co_await exchange_.Read(piece) != ReadStatus::kData) break;
    if (observed.ok()) observed = observer->Feed(piece);
    if (reply_.chunk().empty()) {
      reply_.mutable_chunk()->swap(piece);
    } else {
      reply_.mutable_chunk()->append(piece);
    }
    if (observer->summary().ended) exchange_.LimitStall(kEndGrace);
  }
  TakeSummary(observer->summary(), std::move(observed));
  co_return true;
}

void ModelCall::TakeHeadFacts(WallTime now) {
  const ResponseHead& head = exchange_.head();
  inf::RateLimits limits;
  if (provider_->dialect->DecodeRateLimits(head.headers, now, limits)) *end_.mutable_rate_limits() = std::move(limits);
  StoreCookies(head, open_.account(), provider_->generate, now, *environment_.cookies);
}

void ModelCall::TakeSummary(const ResponseSummary& summary, Result<void> decoded) {
  upstream::TakeSummary(summary, exchange_.head().status, end_);
  if (summary.failed) {
    // Told already.
  } else if (!decoded.ok()) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_STREAM);
    end_.mutable_failure()->set_http_status(exchange_.head().status);
    end_.mutable_failure()->set_message(decoded.error().message);
  } else if (!summary.ended) {
    TakeTransportFailure();
    inf::Failure& failure = *end_.mutable_failure();
    failure.set_stage(inf::FAILURE_STAGE_STREAM);
    failure.set_http_status(exchange_.head().status);
    if (failure.message().empty()) failure.set_message("the stream ended without its terminal event");
  }
  if (end_.has_failure()) {
    const std::string_view id = HeaderOr(exchange_.head().headers, "x-request-id");
    if (IsSafeHeaderValue(id)) end_.mutable_failure()->set_provider_request_id(std::string(id));
  }
}

void ModelCall::TakeTransportFailure() { *end_.mutable_failure() = FailureOf(exchange_.failure()); }

Awaitable<Result<void>> ModelCall::SendEnd() {
  v1::Timings& timings = *end_.mutable_timings();
  timings.set_connection_reused(exchange_.connection_reused());
  SetDuration(exchange_.connect_time(), *timings.mutable_connect());
  SetDuration(exchange_.first_byte_time(), *timings.mutable_first_byte());
  SetDuration(environment_.clock->Steady() - began_, *timings.mutable_total());
  LogEnd();
  *reply_.mutable_end() = end_;
  const bool sent = co_await stream_.SendLast(reply_);
  if (!sent) co_return Error(ErrorCode::kCancelled, "the caller has gone");
  co_return Result<void>();
}

void ModelCall::LogEnd() const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(environment_.clock->Steady() - began_);
  if (!end_.has_failure()) {
    log::Info("call.done", {{"request_id", open_.request_id()},
                            {"account", open_.account()},
                            {"status", exchange_.head().status},
                            {"ms", elapsed.count()},
                            {"reused", exchange_.connection_reused()}});
    return;
  }
  log::Info(cancelled_ ? "call.cancelled" : "call.failed", {{"request_id", open_.request_id()},
                                                            {"account", open_.account()},
                                                            {"status", exchange_.head().status},
                                                            {"ms", elapsed.count()},
                                                            {"reused", exchange_.connection_reused()},
                                                            {"stage", inf::FailureStage_Name(end_.failure().stage())},
                                                            {"code", end_.failure().code()},
                                                            {"reason", end_.failure().message().substr(0, 256)}});
}

}  // namespace patchbay::upstream
