#include "workers/upstream/call/model_call.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "lib/wire/utf8.h"
#include "workers/upstream/call/answer_facts.h"
#include "workers/upstream/dialects/common/sealed_reasoning.h"
#include "workers/upstream/dialects/document_observer.h"
#include "workers/upstream/identity/session.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// Codes of failures that are the row's: what is said besides is for its writer.
constexpr std::size_t kMaxShownType = 64;
constexpr std::string_view kAnotherDialect = "another_dialect", kNoAnswer = "no_answer";

std::string AnotherDialect(const Provider& provider, AnswerKind kind) {
  return "provider '" + provider.name + "' answered with " + std::string(NameOf(kind)) + ", but its row says " +
         provider.row.dialect() + ": is providers." + provider.name + ".dialect right?";
}

std::string NoAnswer(const Provider& provider, std::string_view content_type) {
  const std::string_view type = Trim(content_type.substr(0, std::min(content_type.find(';'), kMaxShownType)));
  const std::string what = type.empty() || !wire::IsValidUtf8(type) ? "something of no type" : std::string(type);
  return "provider '" + provider.name + "' answered with " + what + " instead of a model's answer: is providers." +
         provider.name + ".base_url right?";
}

bool HasType(const ResponseHead& head, std::string_view type) {
  return LowerCase(HeaderOr(head.headers, "content-type")).starts_with(type);
}

}  // namespace

ModelCall::ModelCall(const CallContext& context, CallStream& stream)
    : context_(context), stream_(stream), began_(context.clock->Steady()), trip_(context.pool) {}

void ModelCall::Cancel() {
  cancelled_ = true;
  trip_.Cancel();
}

Awaitable<Result<void>> ModelCall::Run() {
  CO_RETURN_IF_ERROR(co_await ReceiveOpen());
  timeouts_ = context_.CallTimeouts(*provider_, ToMilliseconds(open_.total_timeout()));
  if (open_.has_raw()) {
    CO_RETURN_IF_ERROR(co_await ReceiveBody());
  }
  if (provider_->dialect == nullptr) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_STATUS);
    end_.mutable_failure()->set_http_status(501);
    end_.mutable_failure()->set_message("provider '" + provider_->name + "' is spoken to in " +
                                        provider_->row.dialect() + ", which this version of patchbay cannot");
    co_return co_await SendEnd();
  }
  std::shared_ptr<const Credential> credential =
      co_await context_.credentials->Wait(open_.account(), open_.credential_version(), kCredentialWait);
  if (cancelled_) co_return Error(ErrorCode::kCancelled, "the caller has gone");
  if (!credential) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_CREDENTIAL);
    end_.mutable_failure()->set_message("no credential for the account in time");
    co_return co_await SendEnd();
  }
  if (provider_->wants_callers_login()) {
    credential = CallersCredential(*credential, open_.caller_login());
    if (!credential) {
      *end_.mutable_failure() = NoCallersLogin(*provider_);
      co_return co_await SendEnd();
    }
  }
  Result<Outgoing> outgoing = Outgoing::For(context_, provider_, std::move(credential));
  if (!outgoing.ok()) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_CONNECT);
    end_.mutable_failure()->set_message(outgoing.error().message);
    co_return co_await SendEnd();
  }
  outgoing_.emplace(std::move(outgoing).value());
  session_ = ShownSession(open_.session_id(), forwarded_, open_.request_id(), open_.account());
  if (open_.has_canonical() && !EncodeBody()) co_return co_await SendEnd();
  HttpRequest request = MakeRequest();  // named: GCC 12 copies a temporary inside co_await byte by byte
  if (!co_await trip_.Start(std::move(request))) {
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
  provider_ = context_.providers.Find(open_.provider());
  if (!provider_) co_return Error(ErrorCode::kInvalidArgument, "unknown provider '" + open_.provider() + "'");
  const Dialect* dialect = provider_->dialect.get();
  if (open_.has_raw() && dialect != nullptr) route_ = dialect->FindRawRoute(open_.raw().dialect());
  if (open_.has_raw() && dialect != nullptr && route_ == nullptr) {
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
  if (LeaveOutForeignReasoning(open_.provider(), *open_.mutable_canonical())) repaired_.push_back("sealed_reasoning");
  Result<EncodedCall> encoded = EncodeCall(*provider_->dialect, *open_.mutable_canonical(), session_);
  if (encoded.ok() && encoded->body.size() <= kMaxRequestBodyBytes) {
    body_ = std::move(encoded).value();
    return true;
  }
  // What cannot be said in the provider's dialect the provider would answer with these statuses, so
  // that is what our caller is told, without asking it.
  inf::Failure& failure = *end_.mutable_failure();
  failure.set_stage(inf::FAILURE_STAGE_STATUS);
  failure.set_cause(inf::CAUSE_BAD_REQUEST);
  failure.set_http_status(encoded.ok() ? 413 : 400);
  failure.set_message(encoded.ok() ? "the request is too large" : encoded.error().message);
  if (!encoded.ok()) failure.set_param(encoded.error().where);
  return false;
}

HttpRequest ModelCall::MakeRequest() {
  CallIdentity identity;
  identity.session = session_;
  identity.model = open_.has_canonical() ? open_.canonical().model() : open_.raw().model();
  identity.tier =
      open_.has_canonical() ? provider_->dialect->TierName(open_.canonical().tier()) : open_.raw().service_tier();
  identity.traceparent = open_.traceparent();
  identity.forwarded = &forwarded_;
  HttpRequest request = Documents() ? outgoing_->AskDocument(provider_->Below(route_->path), std::move(identity),
                                                             std::move(body_.body), timeouts_)
                                    : outgoing_->Generate(std::move(identity), std::move(body_.body), timeouts_);
  open_.clear_canonical();  // said; a long conversation need not be held twice
  return request;
}

Awaitable<Result<void>> ModelCall::Answer() {
  const WallTime now = context_.clock->Now();
  const ResponseHead& head = trip_.head();
  TakeHeadFacts(now);
  FillHead();
  if (!Documents()) wanted_kind_ = provider_->dialect->answer_kind();
  if (!IsAnswer(head)) {
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
    trip_.Cancel();
    co_return Error(ErrorCode::kCancelled, "the caller has gone");
  }
  Result<void> result = co_await SendEnd();
  if (!raw && !end_.has_failure()) {
    // The tail behind the terminal event, so that the connection can be used again.
    std::string tail;
    trip_.LimitRest(kEndGrace);
    while (co_await trip_.Read(tail) == ReadStatus::kData) {
    }
  }
  co_return result;
}

bool ModelCall::IsAnswer(const ResponseHead& head) const {
  if (head.status < 200 || head.status >= 300 || trip_.unreadable()) return false;
  const bool document = Documents() || (route_ == nullptr ? provider_->dialect->ReadsDocuments()
                                                          : route_->answer == RawRoute::Answer::kEither);
  return (document && HasType(head, "application/json")) || (!Documents() && HasType(head, "text/event-stream"));
}

std::unique_ptr<ResponseObserver> ModelCall::MakeObserver() const {
  if (Documents()) {
    auto special = provider_->dialect->NewDocumentObserver(route_->dialect);
    if (special != nullptr) return special;
    return std::make_unique<DocumentObserver>();
  }
  return provider_->dialect->NewObserver(context_.clock->Now());
}

void ModelCall::FillHead() {
  v1::Head& head = *reply_.mutable_head();
  head = VisibleHead(*provider_->dialect, trip_.head());
  for (const std::string& name : body_.ignored) head.add_ignored(name);
  for (const std::string& what : repaired_) head.add_repaired(what);
  for (const std::string& what : body_.repaired) head.add_repaired(what);
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

// An error, or a success that is not what we asked for: as much of the body as tells why.
Awaitable<void> ModelCall::ReadErrorReply() {
  std::string body, piece;
  trip_.LimitRest(context_.CallTimeouts(*provider_, {}).connect);
  while (body.size() < kMaxErrorBodyBytes && co_await trip_.Read(piece) == ReadStatus::kData) body += piece;
  inf::Failure failure = provider_->dialect->DecodeError(trip_.head(), body, context_.clock->Now());
  if (failure.http_status() < 300) ExplainOddAnswer(body, failure);
  // Not every account's backend has every side question. That says nothing of the provider's health or the way to it.
  const bool nothing =
      failure.http_status() == 404 && failure.body_kind() != inf::BODY_KIND_JSON && !failure.challenge();
  if (Documents() && nothing) {
    failure.set_cause(inf::CAUSE_NO_ENDPOINT);
    failure.set_message("the provider has nothing at this path");
  }
  if (trip_.unreadable()) {
    const std::string_view encoding = HeaderOr(trip_.head().headers, "content-encoding").substr(0, 64);
    failure.set_message("the provider's reply has an encoding that nobody asked for: " +
                        (wire::IsValidUtf8(encoding) ? std::string(encoding) : std::string("?")));
  }
  *end_.mutable_failure() = std::move(failure);
}

Result<void> ModelCall::LookAtKind(std::string_view piece) {
  first_words_.Feed(piece);
  const AnswerKind kind = first_words_.kind();
  if (wanted_kind_ == AnswerKind::kUnknown || kind == AnswerKind::kUnknown || kind == wanted_kind_) return {};
  misread_ = true;
  return Error(ErrorCode::kProtocol, AnotherDialect(*provider_, kind)).From(Origin::kUpstream);
}

void ModelCall::ExplainOddAnswer(std::string_view body, inf::Failure& failure) const {
  failure.set_stage(inf::FAILURE_STAGE_STREAM);
  FirstWords words;
  words.Feed(body);
  if (wanted_kind_ != AnswerKind::kUnknown && words.kind() != AnswerKind::kUnknown && words.kind() != wanted_kind_) {
    failure.set_code(std::string(kAnotherDialect));
    failure.set_message(AnotherDialect(*provider_, words.kind()));
  } else if (failure.message().empty()) {
    failure.set_code(std::string(kNoAnswer));
    failure.set_message(NoAnswer(*provider_, HeaderOr(trip_.head().headers, "content-type")));
  }
}

Awaitable<bool> ModelCall::PassEvents() {
  const auto decoder = DecoderFor(*provider_->dialect, body_.plan, context_.clock->Now());
  std::string piece;
  Result<void> decoded;
  while (decoded.ok() && !decoder->summary().ended) {
    if (!trip_.has_unread()) {
      const bool sent = co_await SendKnown();
      if (!sent) co_return false;
    }
    const ReadStatus read = co_await trip_.Read(piece);
    if (read == ReadStatus::kFailed) break;
    GenerateEvents& events = *reply_.mutable_events()->mutable_events();
    const int known = events.size();
    if (read == ReadStatus::kData) decoded = LookAtKind(piece);
    if (!decoded.ok()) break;
    decoded = read == ReadStatus::kData ? decoder->Feed(piece, events) : decoder->End(events);
    MarkSealed(open_.provider(), known, events);
    if (read == ReadStatus::kEnd) break;
  }
  TakeSummary(decoder->summary(), std::move(decoded));
  co_return true;
}

Awaitable<bool> ModelCall::PassBytes() {
  const auto observer = MakeObserver();
  std::string piece;
  Result<void> observed;
  for (;;) {
    if (!trip_.has_unread()) {
      const bool sent = co_await SendKnown();
      if (!sent) co_return false;
    }
    const ReadStatus read = co_await trip_.Read(piece);
    if (read == ReadStatus::kEnd && observed.ok() && !observer->summary().ended) observed = observer->End();
    if (read != ReadStatus::kData) break;
    if (observed.ok()) observed = LookAtKind(piece);
    if (misread_) {
      held_back_.clear();  // nobody takes it for an answer
      break;
    }
    if (observed.ok()) observed = observer->Feed(piece);
    const bool undecided = wanted_kind_ != AnswerKind::kUnknown && first_words_.undecided();
    const std::size_t hold_back = observed.ok() ? observer->may_be_error() : 0;
    PassPiece(piece, undecided ? held_back_.size() + piece.size() : hold_back);
    // A stream that cannot be read any more may say anything.
    if (!observed.ok() || observer->summary().failed) RedactKnown();
    if (observer->summary().ended) trip_.LimitRest(kEndGrace);
  }
  TakeSummary(observer->summary(), std::move(observed));
  reply_.mutable_chunk()->append(held_back_);
  co_return true;
}

void ModelCall::PassPiece(std::string& piece, std::size_t hold_back) {
  if (held_back_.empty() && hold_back == 0 && reply_.chunk().empty()) {
    reply_.mutable_chunk()->swap(piece);
    return;
  }
  held_back_.append(piece);
  if (hold_back > kMaxHeldBackBytes) hold_back = 0;
  const std::size_t passing = held_back_.size() - std::min(hold_back, held_back_.size());
  reply_.mutable_chunk()->append(held_back_, 0, passing);
  held_back_.erase(0, passing);
}

// What the next message says of an error.
void ModelCall::RedactKnown() {
  const Redactor redactor = outgoing_->MakeRedactor();
  redactor.Redact(*reply_.mutable_chunk());
  for (inf::GenerateEvent& event : *reply_.mutable_events()->mutable_events()) {
    if (event.has_failed()) redactor.Redact(*event.mutable_failed()->mutable_failure());
  }
  if (end_.has_failure()) redactor.Redact(*end_.mutable_failure());
}

void ModelCall::TakeHeadFacts(WallTime now) {
  const ResponseHead& head = trip_.head();
  inf::RateLimits limits;
  if (provider_->dialect->DecodeRateLimits(head.headers, now, limits)) *end_.mutable_rate_limits() = std::move(limits);
  outgoing_->TakeCookies(head, provider_->generate);
}

void ModelCall::TakeSummary(const ResponseSummary& summary, Result<void> decoded) {
  upstream::TakeSummary(summary, trip_.head().status, end_);
  if (summary.failed) {
    // Told already.
  } else if (!decoded.ok()) {
    end_.mutable_failure()->set_stage(inf::FAILURE_STAGE_STREAM);
    end_.mutable_failure()->set_http_status(trip_.head().status);
    end_.mutable_failure()->set_message(decoded.error().message);
    if (misread_) end_.mutable_failure()->set_code(std::string(kAnotherDialect));
  } else if (!summary.ended) {
    TakeTransportFailure();
    inf::Failure& failure = *end_.mutable_failure();
    failure.set_stage(inf::FAILURE_STAGE_STREAM);
    failure.set_http_status(trip_.head().status);
    if (failure.message().empty()) {
      failure.set_message(Documents() ? "the answer ended before its end"
                                      : "the stream ended without its terminal event");
    }
  }
  if (end_.has_failure()) {
    const std::string_view id = HeaderOr(trip_.head().headers, "x-request-id");
    if (IsSafeHeaderValue(id)) end_.mutable_failure()->set_provider_request_id(std::string(id));
  }
}

void ModelCall::TakeTransportFailure() { *end_.mutable_failure() = FailureOf(trip_.failure()); }

Awaitable<Result<void>> ModelCall::SendEnd() {
  v1::Timings& timings = *end_.mutable_timings();
  timings.set_connection_reused(trip_.connection_reused());
  SetDuration(trip_.connect_time(), timings.mutable_connect());
  SetDuration(trip_.first_byte_time(), timings.mutable_first_byte());
  SetDuration(context_.clock->Steady() - began_, timings.mutable_total());
  if (end_.has_failure() && outgoing_) RedactKnown();
  LogEnd();
  *reply_.mutable_end() = end_;
  const bool sent = co_await stream_.SendLast(reply_);
  if (!sent) co_return Error(ErrorCode::kCancelled, "the caller has gone");
  co_return Result<void>();
}

void ModelCall::LogEnd() const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock->Steady() - began_);
  if (!end_.has_failure()) {
    // The frontend's one record of the call says the rest.
    log::Debug("call.done", {{"request_id", open_.request_id()},
                             {"account", open_.account()},
                             {"status", trip_.head().status},
                             {"ms", elapsed.count()},
                             {"reused", trip_.connection_reused()}});
    return;
  }
  log::Info(cancelled_ ? "call.cancelled" : "call.failed", {{"request_id", open_.request_id()},
                                                            {"account", open_.account()},
                                                            {"status", trip_.head().status},
                                                            {"ms", elapsed.count()},
                                                            {"reused", trip_.connection_reused()},
                                                            {"stage", inf::FailureStage_Name(end_.failure().stage())},
                                                            {"cause", inf::Cause_Name(end_.failure().cause())},
                                                            {"code", end_.failure().code()},
                                                            {"reason", end_.failure().message().substr(0, 256)}});
}

}  // namespace patchbay::upstream
