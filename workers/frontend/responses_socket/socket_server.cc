#include "workers/frontend/responses_socket/socket_server.h"

#include <utility>

#include "lib/base/on_exit.h"

namespace patchbay::frontend {

SocketServer::SocketServer(asio::io_context& io, Leaser& leaser, SocketCaller& caller, Engine& engine,
                           async::TimeSource& time, ClientQuotas& quotas, Recorder* recorder, Settings settings)
    : context_{io,
               leaser,
               caller,
               engine,
               time,
               quotas,
               std::make_shared<net::ByteBudget>(settings.sockets.buffered_bytes),
               recorder},
      settings_(std::move(settings)) {}

void SocketServer::SetSettings(Settings settings) {
  settings_ = std::move(settings);
  context_.budget->SetLimit(settings_.sockets.buffered_bytes);
}

std::optional<SocketServer::Decline> SocketServer::Declines(const ClientKey& key) const {
  const SocketSettings& limits = settings_.sockets;
  if (!limits.enabled) return Decline{"websocket_disabled", "WebSocket is disabled here: use HTTP"};
  const auto mine = by_key_.find(key.id);
  if (sessions_.size() >= limits.connections || (mine != by_key_.end() && mine->second >= limits.connections_per_key)) {
    return Decline{"websocket_limit_reached", "too many WebSockets are open: use HTTP"};
  }
  return std::nullopt;
}

Awaitable<SocketServer::Outcome> SocketServer::Handle(std::shared_ptr<net::HttpExchange> exchange,
                                                      SocketClient client) {
  const std::string key = client.key.id;
  const auto session = std::make_shared<SocketSession>(context_, std::move(client), settings_);
  sessions_.insert(session);
  ++by_key_[key];
  const OnExit closed([this, &session, &key] {
    sessions_.erase(session);
    if (--by_key_[key] == 0) by_key_.erase(key);
  });
  if (draining_) session->Drain();
  Outcome outcome;
  const SocketSession::Opened opened = co_await session->Dial(exchange);
  outcome.account_label = opened.account_label;
  if (opened.open) {
    outcome.turns = co_await session->Serve(exchange);
    turns_total_ += static_cast<std::uint64_t>(outcome.turns);
  } else if (opened.declined) {
    outcome.decline = Decline{"websocket_declined", "the provider offers no WebSocket now: use HTTP"};
  } else {
    outcome.problem = opened.problem;
  }
  co_return outcome;
}

void SocketServer::Drain() {
  draining_ = true;
  for (const auto& session : sessions_) session->Drain();
}

}  // namespace patchbay::frontend
