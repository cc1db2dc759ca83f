#include "workers/frontend/http/server.h"

#include <algorithm>
#include <utility>

#include "lib/base/on_exit.h"
#include "lib/base/random.h"
#include "lib/base/text.h"
#include "lib/keyterms/network.h"
#include "workers/frontend/http/access_log.h"
#include "workers/frontend/http/chatgpt_lookups/lookups.h"
#include "workers/frontend/http/respond.h"

namespace patchbay::frontend {
namespace {

constexpr std::size_t kMaxRequestIdBytes = 128;
constexpr const char* kExposedHeaders =
    "x-request-id, x-patchbay-model, x-patchbay-ignored, x-patchbay-repaired, retry-after, x-should-retry";

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRequestIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
  });
}

// For scripts in a browser: ours, and those in which the dialects' clients look for the request's id.
std::string ExposedHeaders(const Dialects& dialects) {
  std::string names = kExposedHeaders;
  for (const auto& dialect : dialects.all()) {
    if (!dialect->request_id_header().empty()) names.append(", ").append(dialect->request_id_header());
  }
  return names;
}

}  // namespace

Server::Server(asio::any_io_executor executor, Parts parts, Readiness readiness, const Settings& settings)
    : parts_(std::move(parts)),
      router_(parts_.dialects),
      exposed_headers_(ExposedHeaders(parts_.dialects)),
      calls_(std::move(executor), parts_.time, parts_.dialects, parts_.engine, parts_.quotas, parts_.recorder),
      models_(parts_.models),
      probes_(std::move(readiness)),
      quotas_(parts_.time, parts_.quotas, parts_.callers_usage),
      upgrades_(parts_.sockets, parts_.auth) {
  SetSettings(settings);
}

void Server::SetSettings(const Settings& settings) { calls_.SetSettings(settings); }

Awaitable<void> Server::Handle(std::shared_ptr<net::HttpExchange> exchange, std::optional<ClientKey> keyless) {
  Request request;
  request.exchange = std::move(exchange);
  request.keyless = std::move(keyless);
  Begin(request);
  const OnExit ended([this, &request] { request_ids_.erase(request.id); });
  co_await Dispatch(request);
  End(request);
}

void Server::Begin(Request& request) {
  request.started = parts_.time.Steady();
  // The client's own id, unless it is in use: leases and log lines are found by it.
  request.id = request.Header("x-request-id");
  if (!IsRequestId(request.id) || request_ids_.count(request.id) != 0) {
    request.id = OrderedId("req_", parts_.time.Now());
  }
  request_ids_.insert(request.id);
  request.headers.emplace_back("x-request-id", request.id);
  const net::HttpRequest& head = request.exchange->request();
  request.source = SourceOf(head);
  if (const auto origin = parts_.listeners.guard(head.listener).AllowedOrigin(head)) {
    request.headers.emplace_back("access-control-allow-origin", *origin);
    request.headers.emplace_back("access-control-expose-headers", exposed_headers_);
    request.headers.emplace_back("vary", "Origin");
  }
  const HeaderLookup header = [&](std::string_view name) { return request.Header(name); };
  request.route = router_.Find(head.method, head.path, parts_.dialects.ClaimantOf(header, head.query));
  const std::string_view id_header = request.route.dialect->request_id_header();
  if (!id_header.empty()) request.headers.emplace_back(id_header, request.id);
}

void Server::End(Request& request) {
  ++served_total_;
  if (request.recording != nullptr) {
    const std::string_view ending = request.called ? ToString(request.outcome.ending) : std::string_view("refused");
    parts_.recorder->End(std::move(request.recording), request.model, request.status, ending, request.problem);
  }
  LogRequest(request, std::chrono::duration_cast<std::chrono::milliseconds>(parts_.time.Steady() - request.started));
}

Awaitable<std::optional<Problem>> Server::Authenticate(Request& request) {
  const net::HttpRequest& head = request.exchange->request();
  std::vector<std::string> presented = PresentedKeys(head, parts_.dialects);
  if (!presented.empty()) request.caller_login = parts_.auth.CallerLoginOf(head, parts_.dialects);
  const bool none = presented.empty();
  const std::optional<ClientKey> keyless =  // a reload may replace the listener's meanwhile
      request.keyless ? request.keyless : parts_.listeners.keyless(head.listener);
  if (keyless && none) {
    request.key = *keyless;
    co_return std::nullopt;
  }
  auto key = co_await parts_.auth.Check(std::move(presented));
  // A key of ours counts where none is asked for, too. Clients that cannot send none send anything.
  if (!key.ok() && !keyless) {
    Problem problem = ProblemOf(key.error());
    if (none) problem.kind = Problem::Kind::kNoKey;
    co_return problem;
  }
  request.key = key.ok() ? std::move(*key) : *keyless;
  if (request.key.terms != nullptr && !keyterms::AllowsSource(*request.key.terms, request.source)) {
    co_return Problem(Problem::Kind::kForbidden, "this client key may not be used from " + request.source);
  }
  co_return std::nullopt;
}

Awaitable<void> Server::Dispatch(Request& request) {
  const net::HttpRequest& head = request.exchange->request();
  if (auto allowed = parts_.listeners.guard(head.listener).Check(head); !allowed.ok()) {
    co_return co_await RespondProblem(request, ProblemOf(allowed.error()));
  }
  if (request.route.needs_key) {
    if (auto problem = co_await Authenticate(request)) co_return co_await RespondProblem(request, std::move(*problem));
  }
  switch (request.route.action) {
    case Action::kCall: co_return co_await calls_.Call(request);
    case Action::kCountTokens: co_return co_await calls_.CountTokens(request);
    case Action::kStoredAnswer: co_return co_await calls_.StoredAnswer(request);
    case Action::kSocket: co_return co_await upgrades_.Handle(request);
    case Action::kListModels: co_return co_await models_.List(request);
    case Action::kModelCatalog: co_return co_await models_.Catalog(request);
    case Action::kGetModel: co_return co_await models_.One(request);
    case Action::kModelDetails: co_return co_await models_.Details(request);
    case Action::kWorkspaces: co_return co_await lookups_.Workspaces(request);
    case Action::kPlugins: co_return co_await lookups_.Fixed(request, kNoPluginsJson);
    case Action::kPluginSuggestions: co_return co_await lookups_.Fixed(request, kNoSuggestionsJson);
    case Action::kAccountSettings: co_return co_await lookups_.Fixed(request, kNoSettingsJson);
    case Action::kQuota: co_return co_await quotas_.Quota(request);
    case Action::kResetCredits: co_return co_await quotas_.ResetCredits(request);
    case Action::kRedeem: co_return co_await quotas_.Redeem(request);
    case Action::kKeyUsage: co_return co_await quotas_.KeyUsage(request);
    case Action::kToolServer: co_return co_await lookups_.ToolServer(request);
    case Action::kHealth: co_return co_await probes_.Health(request);
    case Action::kReady: co_return co_await probes_.Ready(request);
    case Action::kRoot: co_return co_await probes_.Root(request);
    case Action::kOptions: co_return co_await probes_.Preflight(request);
    case Action::kMethodNotAllowed:
      request.headers.emplace_back("allow", request.route.allow);
      co_return co_await RespondProblem(
          request, Problem(Problem::Kind::kMethodNotAllowed, "this path does not take that method"));
    case Action::kNotFound:
      co_return co_await RespondProblem(request, Problem(Problem::Kind::kNotFound, "there is nothing at this path"));
  }
}

}  // namespace patchbay::frontend
