// /v1/*: the frontend's own HTTP protocols, passed through byte for byte, but for the tag ":latest" of a model: clients
// that have read /api/tags name their models so here, too.
#pragma once

#include "workers/ollama/server/answers.h"
#include "workers/ollama/server/gateway.h"

namespace patchbay::ollama {

class Relay {
 public:
  // The gateway outlives it and its requests.
  explicit Relay(Gateway& gateway) : gateway_(gateway) {}

  // With the bridge's own credential in place of whatever the client shows: Ollama's clients show anything.
  // Nothing is read from the gateway while the client takes nothing; a client that leaves ends the call.
  Awaitable<void> Handle(Request& request);

 private:
  // Takes the tag out of `body`.
  Awaitable<void> Untag(std::string& body);

  Gateway& gateway_;
};

// What of a request's head goes to the frontend. For tests, too.
gateway::v1::HttpHead RelayedHead(const net::HttpRequest& request);

}  // namespace patchbay::ollama
