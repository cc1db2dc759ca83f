// The frontend's HTTP face: guards, routes and authenticates each request, hands it to whoever answers it, and writes
// down how that went.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/http/call_handler.h"
#include "workers/frontend/http/chatgpt_lookups/lookup_handler.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/http/listeners.h"
#include "workers/frontend/http/model_handler.h"
#include "workers/frontend/http/probe_handler.h"
#include "workers/frontend/http/quota_handler.h"
#include "workers/frontend/http/router.h"
#include "workers/frontend/http/upgrade_handler.h"

namespace patchbay::frontend {

class Server {
 public:
  // What it works with; outlives the server and its requests.
  struct Parts {
    async::TimeSource& time;
    const Dialects& dialects;
    Engine& engine;
    ClientAuth& auth;
    ModelCatalog& models;
    Listeners& listeners;
    ClientQuotas& quotas;
    AskCallersUsage callers_usage = nullptr;  // null: providers cannot be asked
    SocketServer* sockets = nullptr;          // null: upgrades to WebSocket are declined
    Recorder* recorder = nullptr;             // null: nobody can record
  };

  Server(asio::any_io_executor executor, Parts parts, Readiness readiness, const Settings& settings);

  // The handler of net::HttpServer. `keyless` is who asks without a key, of an exchange that came by no listener.
  Awaitable<void> Handle(std::shared_ptr<net::HttpExchange> exchange, std::optional<ClientKey> keyless = std::nullopt);
  // For requests from now on.
  void SetSettings(const Settings& settings);

  std::uint64_t served_total() const { return served_total_; }

 private:
  void Begin(Request& request);
  // Fills `request.key`; a problem is the client's answer.
  Awaitable<std::optional<Problem>> Authenticate(Request& request);
  Awaitable<void> Dispatch(Request& request);
  void End(Request& request);

  const Parts parts_;
  const Router router_;
  const std::string exposed_headers_;
  CallHandler calls_;
  ModelHandler models_;
  ProbeHandler probes_;
  LookupHandler lookups_;
  QuotaHandler quotas_;
  UpgradeHandler upgrades_;
  std::unordered_set<std::string> request_ids_;  // of requests being handled
  std::uint64_t served_total_ = 0;
};

}  // namespace patchbay::frontend
