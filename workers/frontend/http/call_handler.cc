#include "workers/frontend/http/call_handler.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/base/random.h"
#include "workers/frontend/http/respond.h"

namespace patchbay::frontend {
namespace {

constexpr int kOk = 200;
// nginx's number for a client that left, in the log.
constexpr int kClientClosedRequest = 499;

}  // namespace

Awaitable<std::optional<std::string>> CallHandler::ReadBody(Request& request) {
  auto body = co_await request.exchange->ReadBody();
  if (body.ok()) co_return std::move(*body);
  Problem problem = ProblemOf(body.error());
  if (body.error().code == ErrorCode::kUnsupported) problem.kind = Problem::Kind::kMediaType;
  if (body.error().code == ErrorCode::kDeadlineExceeded) problem.kind = Problem::Kind::kSlowClient;
  co_await RespondProblem(request, std::move(problem));
  co_return std::nullopt;
}

DialectRequest CallHandler::DialectRequestOf(const Request& request, std::string body) const {
  return {.body = std::move(body),
          .method = request.exchange->request().method,
          .argument = request.route.argument,
          .suffix = request.route.suffix,
          .query = std::string(request.exchange->request().query),
          .header = [&request](std::string_view name) { return request.Header(name); },
          .now = time_.Now(),
          .unique = RandomId("", 120),
          .client_key = request.key.id};
}

Awaitable<void> CallHandler::CountTokens(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  auto counted = request.route.dialect->CountTokens(DialectRequestOf(request, std::move(*body)));
  if (!counted.ok()) co_return co_await RespondProblem(request, ProblemOf(counted.error()));
  co_await Respond(request, std::move(*counted));
}

Awaitable<void> CallHandler::StoredAnswer(Request& request) {
  const DialectRequest asked = DialectRequestOf(request, {});
  Answer answer = request.route.dialect->AnswerLocally(asked);
  co_await Respond(request, std::move(answer));
}

Awaitable<void> CallHandler::Call(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  Record(request, *body);
  auto decoded = request.route.dialect->Decode(DialectRequestOf(request, std::move(*body)));
  if (!decoded.ok()) co_return co_await RespondProblem(request, ProblemOf(decoded.error()));

  request.model = decoded->call.model;
  ReplyPlan plan = std::move(decoded->reply);
  if (request.recording != nullptr) {
    request.recording->set_stream(plan.stream);
    plan = Recorded(std::move(plan), request.recording);
  }
  CallSpec spec = SpecFor(request, std::move(decoded->call));
  const auto cancellation = std::make_shared<Cancellation>();
  request.exchange->OnDisconnect([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  ReplyHead head(request.model, request.headers, spec.call.payload.reasoning_effort);
  // Both are asked while the request is handled, and not after.
  head.ShowQuota([this, &request](const std::string& provider) { return QuotaHeadersFor(request, provider); });
  QuotaSightOf sight = [this, &request](const std::string& provider) { return quotas_.SightOf(request.key, provider); };
  const auto reply = std::make_shared<HttpReply>(executor_, time_, request.exchange, std::move(plan), std::move(head),
                                                 settings_.heartbeat, std::move(sight));
  request.outcome = co_await engine_.Run(std::move(spec), *reply, cancellation);
  quotas_.Learn(request.key.id, request.outcome.provider, request.outcome.rate_limits);
  request.called = true;
  co_await Conclude(request, reply);
}

std::optional<HeaderList> CallHandler::QuotaHeadersFor(const Request& request, const std::string& provider) const {
  const QuotaSight sight = quotas_.SightOf(request.key, provider);
  if (sight.passes) return std::nullopt;
  if (sight.quota == nullptr) return HeaderList();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(time_.Now().time_since_epoch()).count();
  return request.route.dialect->QuotaHeaders(*sight.quota, now);
}

// What is left beside a refusal for want of it. What the refusal says itself stands.
void CallHandler::ShowQuotaWith(Request& request, const Problem& problem) const {
  const auto quota = QuotaHeadersFor(request, request.outcome.provider);
  if (!quota) return;
  const Answer answer = request.route.dialect->EncodeErrorOf(request.route.suffix, {}, problem);
  for (const auto& header : *quota) {
    const bool said = std::any_of(answer.headers.begin(), answer.headers.end(),
                                  [&](const auto& own) { return own.first == header.first; });
    if (!said) request.headers.push_back(header);
  }
}

void CallHandler::Record(Request& request, const std::string& body) {
  if (recorder_ == nullptr) return;
  const Recorder::Asked asked{.request_id = request.id,
                              .dialect = request.route.dialect->name(),
                              .path = request.exchange->request().path,
                              .originator = request.Header("originator")};
  request.recording = recorder_->Begin(asked, body);
}

CallSpec CallHandler::SpecFor(Request& request, frontend::Call call) const {
  CallSpec spec;
  spec.request_id = request.id;
  spec.client_key_id = request.key.id;
  spec.source = request.source;
  spec.counts_tokens = CountsTokens(request.key);
  spec.dialect = request.route.dialect->name();
  spec.traceparent = request.Header("traceparent");
  spec.caller_login = request.caller_login;
  const HeaderLookup header = [&](std::string_view name) { return request.Header(name); };
  spec.affinity =
      AffinityOf(dialects_.SessionOf(*request.route.dialect, header), call.model, call.affinity, request.key.id);
  request.affinity = spec.affinity.source;
  spec.call = std::move(call);
  spec.queue_wait = settings_.queue_wait;
  spec.total_timeout = settings_.total_timeout;
  spec.quiet_commit = settings_.heartbeat;
  return spec;
}

Awaitable<void> CallHandler::Conclude(Request& request, std::shared_ptr<HttpReply> reply) {
  std::optional<Problem>& problem = request.outcome.problem;
  request.status = kOk;
  switch (request.outcome.ending) {
    case CallOutcome::Ending::kCompleted: {
      const auto completed = co_await reply->Complete();
      if (!completed.ok()) co_await RespondProblem(request, ProblemOf(completed.error()));
      break;
    }
    case CallOutcome::Ending::kBroken: {
      request.problem = ToString(problem->kind);
      problem->request_id = request.id;
      const bool told = co_await reply->Break(*problem);
      if (!told) co_await RespondProblem(request, *problem);
      break;
    }
    case CallOutcome::Ending::kRefused:
      if (problem->kind == Problem::Kind::kExhausted || problem->kind == Problem::Kind::kKeyBudget) {
        ShowQuotaWith(request, *problem);
      }
      co_await RespondProblem(request, *problem);
      break;
    case CallOutcome::Ending::kClientGone:
      co_await reply->Abandon();
      // One that only closed its sending side may still read why nothing comes.
      if (!request.exchange->response_started()) {
        co_await RespondProblem(request, Problem(Problem::Kind::kSlowClient, "the client closed the connection"));
      }
      request.status = kClientClosedRequest;
      break;
  }
  if (request.bytes == 0) request.bytes = reply->bytes();
}

}  // namespace patchbay::frontend
