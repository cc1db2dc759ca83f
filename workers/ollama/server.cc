#include "workers/ollama/server.h"

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "workers/ollama/dialect/tags.h"

namespace patchbay::ollama {
namespace {

// How long a request waits for the gateway while it restarts.
constexpr std::chrono::seconds kGatewayTimeout{10};
constexpr char kJson[] = "application/json; charset=utf-8";
constexpr char kText[] = "text/plain; charset=utf-8";

}  // namespace

Server::Server(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> gateway, net::HostGuard guard, std::string version)
    : reactor_(reactor),
      gateway_(gateway::v1::Gateway::NewStub(std::move(gateway))),
      guard_(std::move(guard)),
      version_(std::move(version)),
      http_(
          reactor.io(), net::HttpLimits{},
          [this](std::shared_ptr<net::HttpExchange> exchange) { return Handle(std::move(exchange)); },
          [](int, std::string_view message) {
            return net::ErrorBody{kJson, EncodeError(message)};
          }) {}

Awaitable<void> Server::Handle(std::shared_ptr<net::HttpExchange> exchange) {
  const net::HttpRequest& request = exchange->request();
  if (const Result<void> allowed = guard_.Check(request); !allowed.ok()) {
    log::Warn("ollama.refused", {{"why", allowed.error().message}, {"remote", request.remote_address}});
    co_await Answer(exchange, 403, kJson, EncodeError(allowed.error().message));
    co_return;
  }
  const bool known = request.path == "/" || request.path == "/api/version" || request.path == "/api/tags";
  if (!known) {
    co_await Answer(exchange, 404, kText, "404 page not found");
  } else if (request.method != "GET" && request.method != "HEAD") {
    co_await Answer(exchange, 405, kText, "405 method not allowed");
  } else if (request.path == "/") {
    co_await Answer(exchange, 200, kText, "Ollama is running");
  } else if (request.path == "/api/version") {
    co_await Answer(exchange, 200, kJson, EncodeVersion(version_));
  } else {
    co_await AnswerTags(exchange);
  }
}

Awaitable<bool> Server::AnswerTags(std::shared_ptr<net::HttpExchange> exchange) {
  const gateway::v1::ListModelsRequest request;
  const auto models =
      co_await rpc::Unary<gateway::v1::ListModelsReply>(reactor_, kGatewayTimeout, [&](auto* context, auto* queue) {
        context->set_wait_for_ready(true);  // a frontend that restarts is worth waiting for
        return gateway_->AsyncListModels(context, request, queue);
      });
  if (models.ok()) co_return co_await Answer(exchange, 200, kJson, EncodeTags(*models));
  log::Warn("ollama.gateway_failed", {{"code", ToString(models.error().code)}, {"error", models.error().message}});
  const std::string message = "patchbay's gateway does not answer: " + models.error().message;
  co_return co_await Answer(exchange, 503, kJson, EncodeError(message));
}

Awaitable<bool> Server::Answer(std::shared_ptr<net::HttpExchange> exchange, int status, std::string content_type,
                               std::string body) {
  net::HttpHeaders headers{{"Content-Type", std::move(content_type)}};
  co_return co_await exchange->Respond(status, std::move(headers), std::move(body));
}

}  // namespace patchbay::ollama
