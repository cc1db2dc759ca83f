// /v1/*: the frontend's own HTTP protocols, passed through byte for byte. The bridge reads none of them.
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
  Gateway& gateway_;
};

// What of a request's head goes to the frontend. For tests, too.
gateway::v1::HttpHead RelayedHead(const net::HttpRequest& request);

}  // namespace patchbay::ollama
