#include "workers/frontend/http/upgrade_handler.h"

#include <utility>

#include "workers/frontend/http/respond.h"

namespace patchbay::frontend {
namespace {

// Tells the Codex CLI to go on over HTTP, at once and for the rest of its session (codex-wire §10.5).
constexpr int kUpgradeRequired = 426;

}  // namespace

Awaitable<void> UpgradeHandler::Handle(Request& request) {
  if (!net::WantsWebSocket(request.exchange->request())) {
    request.headers.emplace_back("allow", "POST, OPTIONS");
    const char* why = "this path takes POST, or GET with an upgrade to WebSocket";
    co_return co_await RespondProblem(request, Problem(Problem::Kind::kMethodNotAllowed, why));
  }
  SocketServer::Outcome outcome;
  outcome.decline = SocketServer::Decline{"websocket_disabled", "WebSocket is disabled here: use HTTP"};
  if (sockets_ != nullptr) outcome.decline = sockets_->Declines(request.key);
  if (!outcome.decline) {
    SocketClient client{
        request.id,     request.source, request.key, request.caller_login, std::string(request.route.dialect->name()),
        request.headers};
    client.key_now = [&auth = auth_](const ClientKey& key) { return auth.Now(key); };
    outcome = co_await sockets_->Handle(request.exchange, std::move(client));
  }
  request.outcome.account_label = outcome.account_label;
  if (outcome.problem) co_return co_await RespondProblem(request, *outcome.problem);
  if (!outcome.decline) {
    request.status = kSwitchingProtocols;
    co_return;
  }
  Problem problem(Problem::Kind::kBadRequest, outcome.decline->message);
  problem.code = outcome.decline->code;
  problem.status = kUpgradeRequired;
  co_await RespondProblem(request, std::move(problem));
  request.problem = outcome.decline->code;
}

}  // namespace patchbay::frontend
