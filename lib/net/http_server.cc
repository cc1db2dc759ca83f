#include "lib/net/http_server.h"

#include <utility>

#include "lib/net/server/state.h"

namespace patchbay::net {

HttpServer::HttpServer(asio::io_context& io, HttpLimits limits, Handler handler, ErrorBodyFunction error_body)
    : state_(std::make_shared<server::State>(io, limits, std::move(handler), std::move(error_body))) {}

HttpServer::~HttpServer() { state_->Shutdown(); }

Result<void> HttpServer::Listen(int fd, ListenerOptions options) { return state_->Listen(fd, std::move(options)); }

void HttpServer::SetTls(std::size_t id, std::shared_ptr<const TlsContext> tls) { state_->SetTls(id, tls); }

void HttpServer::SetLimits(const HttpLimits& limits) { state_->limits = limits; }

Awaitable<void> HttpServer::Drain() { return state_->Drain(); }

HttpServerStats HttpServer::stats() const { return state_->stats; }

}  // namespace patchbay::net
