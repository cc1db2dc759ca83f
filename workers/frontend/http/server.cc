#include "workers/frontend/http/server.h"

#include <algorithm>

#include "lib/base/random.h"
#include "lib/base/version.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/frontend/http/http_reply.h"
#include "workers/frontend/http/server_request.h"

namespace patchbay::frontend {
namespace {

constexpr std::size_t kMaxRequestIdBytes = 128;
constexpr std::string_view kGoogleDialect = "gemini";
// Of paths that belong to no protocol in particular.
constexpr std::string_view kSharedDialect = "openai_chat";
constexpr const char* kExposedHeaders =
    "x-request-id, request-id, x-patchbay-model, x-patchbay-ignored, x-patchbay-repaired, retry-after, x-should-retry";

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRequestIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::unique_ptr<net::HostGuard> MakeGuard(const Settings& settings) {
  net::HostGuardOptions options;
  if (auto address = net::ParseListenAddress(settings.listen); address.ok()) options.listen.push_back(*address);
  options.allowed_hosts = settings.allowed_hosts;
  options.allowed_origins = settings.allowed_origins;
  return std::make_unique<net::HostGuard>(std::move(options));
}

}  // namespace

// By the way it shows its key.
bool Server::IsGoogles(const Request& request) {
  return !request.Header("x-goog-api-key").empty() ||
         !wire::QueryValue(request.exchange->request().query, "key").empty();
}

Server::Server(asio::io_context& io, Engine& engine, ClientAuth& auth, ModelCatalog& models, Readiness readiness,
               async::TimeSource& time, Settings settings)
    : io_(io), engine_(engine), auth_(auth), models_(models), readiness_(std::move(readiness)), clock_(time) {
  SetSettings(std::move(settings));
}

void Server::SetSettings(Settings settings) {
  settings_ = std::move(settings);
  stored_responses_.SetLimits(settings_.stored_responses, clock_.Steady());
  guard_ = MakeGuard(settings_);
}

Awaitable<void> Server::Handle(std::shared_ptr<net::HttpExchange> exchange) {
  Request request;
  request.exchange = std::move(exchange);
  request.started = clock_.Steady();
  // The client's own id, unless it is in use: leases and log lines are found by it.
  request.id = request.Header("x-request-id");
  if (!IsRequestId(request.id) || request_ids_.count(request.id) != 0) request.id = OrderedId("req_", clock_.Now());
  request_ids_.insert(request.id);
  request.headers.emplace_back("x-request-id", request.id);
  const net::HttpRequest& head = request.exchange->request();
  if (const auto origin = guard_->AllowedOrigin(head)) {
    request.headers.emplace_back("access-control-allow-origin", *origin);
    request.headers.emplace_back("access-control-expose-headers", kExposedHeaders);
    request.headers.emplace_back("vary", "Origin");
  }
  request.route = FindRoute(head.method, head.path, !request.Header("anthropic-version").empty());
  // Google's clients ask under /v1 too, where the list of models is OpenAI's as well, and want errors they can read.
  const bool shared = request.route.action != Action::kCall && request.route.dialect == kSharedDialect;
  if (shared && IsGoogles(request)) request.route.dialect = kGoogleDialect;
  const std::string_view id_header = FindDialect(request.route.dialect).request_id_header();
  if (!id_header.empty()) request.headers.emplace_back(id_header, request.id);
  co_await Dispatch(request);
  request_ids_.erase(request.id);
  ++served_total_;
  if (request.recording != nullptr) {
    recorder_->End(std::move(request.recording), request.model, request.status, request.ending, request.problem);
  }
  LogAccess(request);
}

Awaitable<void> Server::Dispatch(Request& request) {
  if (auto allowed = guard_->Check(request.exchange->request()); !allowed.ok()) {
    co_return co_await RespondProblem(request, ProblemOf(allowed.error()));
  }
  if (request.route.needs_key) {
    const HeaderLookup lookup = [&](std::string_view name) { return request.Header(name); };
    std::string presented = PresentedKey(lookup, request.exchange->request().query);
    auto key = co_await auth_.Check(std::move(presented));
    if (!key.ok()) co_return co_await RespondProblem(request, ProblemOf(key.error()));
    request.key = std::move(*key);
  }
  switch (request.route.action) {
    case Action::kCall: co_return co_await HandleCall(request);
    case Action::kCountTokens: co_return co_await HandleCountTokens(request);
    case Action::kLocal: co_return co_await HandleLocal(request);
    case Action::kNoProvider: {
      Problem problem(Problem::Kind::kNotFound, "no configured provider serves this endpoint");
      problem.code = "unsupported_endpoint";
      co_return co_await RespondProblem(request, std::move(problem));
    }
    case Action::kSocket: co_return co_await HandleSocket(request);
    case Action::kListModels:
    case Action::kModelCatalogue: co_return co_await HandleModels(request);
    case Action::kGetModel:
    case Action::kModelDetails: co_return co_await HandleModel(request);
    case Action::kHealth: co_return co_await RespondJson(request, 200, R"({"status":"ok"})");
    case Action::kReady: co_return co_await HandleReady(request);
    case Action::kRoot: {
      std::string body = R"({"name":"patchbay","version":)";
      wire::AppendJsonString(body, kVersion);
      co_return co_await RespondJson(request, 200, body + "}");
    }
    case Action::kOptions: co_return co_await HandleOptions(request);
    case Action::kMethodNotAllowed:
      request.headers.emplace_back("allow", request.route.allow);
      co_return co_await RespondProblem(
          request, Problem(Problem::Kind::kMethodNotAllowed, "this path does not take that method"));
    case Action::kNotFound:
      co_return co_await RespondProblem(request, Problem(Problem::Kind::kNotFound, "there is nothing at this path"));
  }
}

Awaitable<std::optional<std::string>> Server::ReadBody(Request& request) {
  auto body = co_await request.exchange->ReadBody();
  if (body.ok()) co_return std::move(*body);
  Problem problem = ProblemOf(body.error());
  if (body.error().code == ErrorCode::kUnsupported) problem.kind = Problem::Kind::kMediaType;
  if (body.error().code == ErrorCode::kDeadlineExceeded) problem.kind = Problem::Kind::kSlowClient;
  co_await RespondProblem(request, std::move(problem));
  co_return std::nullopt;
}

Awaitable<void> Server::HandleCountTokens(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  auto counted = FindDialect(request.route.dialect).CountTokens(WantedOf(request, std::move(*body)));
  if (!counted.ok()) co_return co_await RespondProblem(request, ProblemOf(counted.error()));
  co_await RespondJson(request, counted->status, std::move(counted->body), std::move(counted->headers));
}

Awaitable<void> Server::HandleCall(Request& request) {
  const Dialect& dialect = FindDialect(request.route.dialect);
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  const HeaderLookup lookup = [&](std::string_view name) { return request.Header(name); };
  if (recorder_ != nullptr) {
    const Recorder::Asked asked{.request_id = request.id,
                                .dialect = request.route.dialect,
                                .path = request.exchange->request().path,
                                .originator = request.Header("originator")};
    request.recording = recorder_->Begin(asked, *body);
  }
  auto decoded = dialect.Decode(WantedOf(request, std::move(*body)));
  if (!decoded.ok()) co_return co_await RespondProblem(request, ProblemOf(decoded.error()));

  ReplyPlan plan = std::move(decoded->reply);
  request.model = decoded->call.model;
  if (request.recording != nullptr) {
    request.recording->set_stream(plan.stream);
    plan.new_encoder = [make = std::move(plan.new_encoder), recording = request.recording] {
      return Recorded(make(), recording);
    };
  }
  const Affinity affinity = AffinityOf(lookup, request.model, decoded->call.affinity, request.key.id);
  request.affinity = affinity.source;
  ShowSession(affinity, decoded->call.payload);
  CallSpec spec = SpecFor(request, std::move(decoded->call));
  spec.affinity = affinity;

  const auto cancellation = std::make_shared<Cancellation>();
  request.exchange->OnDisconnect([cancellation] { cancellation->Cancel(Cancellation::Reason::kClientGone); });
  const auto reply = std::make_shared<HttpReply>(io_.get_executor(), clock_, request.exchange, request.model,
                                                 std::move(plan), request.headers, settings_.heartbeat);
  CallOutcome outcome = co_await engine_.Run(std::move(spec), *reply, cancellation);
  request.account = outcome.account_label;
  request.attempts = outcome.attempts;
  if (outcome.first_output) request.first_output_ms = outcome.first_output->count();
  request.status = 200;
  switch (outcome.ending) {
    case CallOutcome::Ending::kCompleted: {
      request.ending = "completed";
      const auto completed = co_await reply->Complete();
      if (!completed.ok()) co_await RespondProblem(request, ProblemOf(completed.error()));
      break;
    }
    case CallOutcome::Ending::kBroken:
      request.ending = "broken";
      request.problem = ToString(outcome.problem->kind);
      outcome.problem->request_id = request.id;
      if (!co_await reply->Break(*outcome.problem)) co_await RespondProblem(request, *outcome.problem);
      break;
    case CallOutcome::Ending::kRefused:
      request.ending = "refused";
      co_await RespondProblem(request, *outcome.problem);
      break;
    case CallOutcome::Ending::kClientGone:
      request.ending = "client_gone";
      co_await reply->Abandon();
      // One that only closed its sending side may still read why nothing comes.
      if (!request.exchange->response_started()) {
        co_await RespondProblem(request, Problem(Problem::Kind::kSlowClient, "the client closed the connection"));
      }
      request.status = 499;  // nginx's number for it, in the log
      break;
  }
  if (request.bytes == 0) request.bytes = reply->bytes();
}

DialectRequest Server::WantedOf(const Request& request, std::string body) {
  return {.body = std::move(body),
          .method = request.exchange->request().method,
          .argument = request.route.argument,
          .suffix = request.route.suffix,
          .query = std::string(request.exchange->request().query),
          .header = [&request](std::string_view name) { return request.Header(name); },
          .now = clock_.Now(),
          .unique = RandomId("", 120),
          .image_model = settings_.image_model,
          .responses = std::make_shared<ClientResponses>(stored_responses_, request.key.id, clock_)};
}

Awaitable<void> Server::HandleSocket(Request& request) {
  if (!net::WantsWebSocket(request.exchange->request())) {
    request.headers.emplace_back("allow", "POST, OPTIONS");
    const char* why = "this path takes POST, or GET with an upgrade to WebSocket";
    co_return co_await RespondProblem(request, Problem(Problem::Kind::kMethodNotAllowed, why));
  }
  SocketServer::Outcome outcome;
  outcome.decline = SocketServer::Decline{"websocket_disabled", "WebSocket is disabled here: use HTTP"};
  if (sockets_ != nullptr) outcome.decline = sockets_->Declines(request.key);
  if (!outcome.decline) {
    SocketClient client{request.id, request.key, std::string(request.route.dialect), request.headers};
    outcome = co_await sockets_->Handle(request.exchange, std::move(client));
  }
  request.account = outcome.account_label;
  if (outcome.problem) co_return co_await RespondProblem(request, *outcome.problem);
  if (!outcome.decline) {
    request.status = 101;
    co_return;
  }
  // 426 tells the Codex CLI to go on over HTTP, at once and for the rest of its session (codex-wire §10.5).
  request.problem = outcome.decline->code;
  std::string body;
  wire::JsonWriter json(body);
  json.BeginObject().Key("error").BeginObject().Key("message").String(outcome.decline->message);
  json.Key("type").String("invalid_request_error").Key("param").Null().Key("code").String(outcome.decline->code);
  json.EndObject().EndObject();
  co_await RespondJson(request, 426, std::move(body));
}

CallSpec Server::SpecFor(const Request& request, Call call) const {
  CallSpec spec;
  spec.request_id = request.id;
  spec.client_key_id = request.key.id;
  spec.dialect = request.route.dialect;
  spec.traceparent = request.Header("traceparent");
  spec.call = std::move(call);
  spec.queue_wait = settings_.queue_wait;
  spec.total_timeout = settings_.total_timeout;
  spec.quiet_commit = settings_.quiet_commit;
  return spec;
}

}  // namespace patchbay::frontend
