// The frontend's HTTP face: guards, routes, authenticates and answers requests. Model calls go to
// the engine; everything else is answered here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/async/time_source.h"
#include "lib/net/host_guard.h"
#include "lib/net/http_exchange.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/http/router.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/recorder/recorder.h"
#include "workers/frontend/responses_socket/socket_server.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

class Server {
 public:
  // Why this frontend could not serve a request now; empty when it could.
  using Readiness = std::function<Awaitable<std::vector<std::string>>()>;

  // The references outlive the server and its requests.
  Server(asio::io_context& io, Engine& engine, ClientAuth& auth, ModelCatalog& models, Readiness readiness,
         async::TimeSource& time, Settings settings);

  // The handler of net::HttpServer.
  Awaitable<void> Handle(std::shared_ptr<net::HttpExchange> exchange);
  // Upgrades to WebSocket are served by `sockets`, which outlives this; without it they are declined.
  void ServeSockets(SocketServer& sockets) { sockets_ = &sockets; }
  // For requests from now on.
  void SetSettings(Settings settings);
  // Where calls go while an operator records; it outlives the server. Null: nowhere.
  void SetRecorder(Recorder* recorder) { recorder_ = recorder; }

  std::uint64_t served_total() const { return served_total_; }

 private:
  struct Request;

  static bool IsGoogles(const Request& request);
  Awaitable<void> Dispatch(Request& request);
  Awaitable<void> HandleCall(Request& request);
  Awaitable<void> HandleCountTokens(Request& request);
  // Refers to the request.
  DialectRequest WantedOf(const Request& request, std::string body);
  // Nothing when the body could not be read; the client has its answer then.
  Awaitable<std::optional<std::string>> ReadBody(Request& request);
  Awaitable<void> HandleLocal(Request& request);
  Awaitable<void> HandleSocket(Request& request);
  Awaitable<void> HandleModels(Request& request);
  Awaitable<void> HandleModel(Request& request);
  Awaitable<void> HandleReady(Request& request);
  Awaitable<void> HandleOptions(Request& request);
  Awaitable<void> RespondAnswer(Request& request, Answer answer);
  Awaitable<void> RespondProblem(Request& request, Problem problem);
  Awaitable<void> RespondJson(Request& request, int status, std::string body, HeaderList extra = {});
  CallSpec SpecFor(const Request& request, Call call) const;
  void LogAccess(const Request& request) const;

  asio::io_context& io_;
  Engine& engine_;
  ClientAuth& auth_;
  ModelCatalog& models_;
  Recorder* recorder_ = nullptr;
  Readiness readiness_;
  async::TimeSource& clock_;
  Settings settings_;
  StoredResponses stored_responses_;
  SocketServer* sockets_ = nullptr;
  std::unique_ptr<net::HostGuard> guard_;
  std::unordered_set<std::string> request_ids_;  // of requests being handled
  std::uint64_t served_total_ = 0;
};

}  // namespace patchbay::frontend
