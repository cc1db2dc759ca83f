// The Ollama bridge's HTTP: guards each request, finds what it asks for, and hands it to whoever answers it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workers/ollama/server/generation.h"
#include "workers/ollama/server/guard.h"
#include "workers/ollama/server/models.h"
#include "workers/ollama/server/relay.h"
#include "workers/ollama/server/router.h"

namespace patchbay::ollama {

class Server {
 public:
  // The references outlive the server and its requests.
  Server(const Clock& clock, Gateway& gateway, Guard guard, const Settings& settings);

  // The handler of net::HttpServer.
  Awaitable<void> Handle(std::shared_ptr<net::HttpExchange> exchange);
  // For requests from now on.
  void SetSettings(const Settings& settings);

 private:
  Awaitable<void> Dispatch(Request& request, Action action);

  const Clock& clock_;
  Guard guard_;
  std::string version_;
  LoadedModels loaded_;
  Models models_;
  Generation generation_;
  Relay relay_;
};

}  // namespace patchbay::ollama
