#include "workers/ollama/server/server.h"

#include <utility>

#include "lib/log/log.h"
#include "workers/ollama/dialect/manage.h"

namespace patchbay::ollama {

Server::Server(const Clock& clock, Gateway& gateway, Guard guard, const Settings& settings)
    : clock_(clock),
      guard_(std::move(guard)),
      models_(clock, gateway, loaded_),
      generation_(clock, gateway, loaded_),
      relay_(gateway) {
  SetSettings(settings);
}

void Server::SetSettings(const Settings& settings) {
  guard_.SetSettings(settings);
  version_ = settings.version;
  models_.SetView(settings.view);
}

Awaitable<void> Server::Handle(std::shared_ptr<net::HttpExchange> exchange) {
  Request request{std::move(exchange), {}, clock_.Steady()};
  const net::HttpRequest& head = request.exchange->request();
  if (const auto origin = guard_.AllowedOrigin(head)) {
    request.headers.emplace_back("Access-Control-Allow-Origin", *origin);
    request.headers.emplace_back("Vary", "Origin");
  }
  if (const Result<void> allowed = guard_.CheckSource(head); !allowed.ok()) {
    log::Warn("ollama.refused", {{"why", allowed.error().message}, {"remote", head.remote_address}});
    co_return co_await AnswerError(request, allowed.error());
  }
  const Action action = Find(head.method, head.path);
  // Whether something runs here, and what a page may send, anybody may know.
  if (action != Action::kRoot && action != Action::kPreflight) {
    if (const Result<void> shown = guard_.CheckToken(head); !shown.ok()) {
      co_return co_await AnswerError(request, shown.error());
    }
  }
  co_await Dispatch(request, action);
}

Awaitable<void> Server::Dispatch(Request& request, Action action) {
  switch (action) {
    case Action::kRoot: co_return co_await Answer(request, 200, kTextType, "Ollama is running");
    case Action::kVersion: co_return co_await AnswerJson(request, EncodeVersion(version_));
    case Action::kTags: co_return co_await models_.Tags(request);
    case Action::kLoaded: co_return co_await models_.Loaded(request);
    case Action::kShow: co_return co_await models_.Show(request);
    case Action::kChat: co_return co_await generation_.Handle(request, Endpoint::kChat);
    case Action::kGenerate: co_return co_await generation_.Handle(request, Endpoint::kGenerate);
    case Action::kEmbed: co_return co_await models_.Embed(request);
    case Action::kEmbeddings: co_return co_await models_.Embeddings(request);
    case Action::kPull: co_return co_await models_.Pull(request);
    case Action::kPush: co_return co_await AnswerError(request, NotSupported("push"));
    case Action::kCreate: co_return co_await AnswerError(request, NotSupported("create"));
    case Action::kCopy: co_return co_await models_.Copy(request);
    case Action::kDelete: co_return co_await models_.Delete(request);
    case Action::kFindBlob: co_return co_await Answer(request, 404, kTextType, "");
    case Action::kMakeBlob: co_return co_await AnswerError(request, NotSupported("create"));
    case Action::kCloudStatus: co_return co_await AnswerJson(request, EncodeCloudStatus());
    case Action::kAccount: co_return co_await AnswerError(request, Error(ErrorCode::kUnauthenticated, "unauthorized"));
    case Action::kWebSearch: co_return co_await AnswerError(request, NotSupported("web search"));
    case Action::kRelay: co_return co_await relay_.Handle(request);
    case Action::kPreflight: {
      net::HttpHeaders headers = request.headers;
      for (auto& header : PreflightHeaders()) headers.push_back(std::move(header));
      co_await request.exchange->Respond(204, std::move(headers), "");
      co_return;
    }
    case Action::kNotFound: co_return co_await Answer(request, 404, kTextType, "404 page not found");
    case Action::kMethodNotAllowed: co_return co_await Answer(request, 405, kTextType, "405 method not allowed");
  }
}

}  // namespace patchbay::ollama
