// /api/chat and /api/generate: one call of the gateway's Generate, as lines or as one object.
#pragma once

#include <cstdint>

#include "workers/ollama/dialect/answer_encoder.h"
#include "workers/ollama/server/answers.h"
#include "workers/ollama/server/gateway.h"
#include "workers/ollama/server/loaded_models.h"

namespace patchbay::ollama {

class Generation {
 public:
  // The references outlive it and its requests.
  Generation(const Clock& clock, Gateway& gateway, LoadedModels& loaded)
      : clock_(clock), gateway_(gateway), loaded_(loaded) {}

  // Nothing is read from the gateway while the client takes nothing; a client that leaves ends the call.
  Awaitable<void> Handle(Request& request, Endpoint endpoint);

 private:
  class Call;
  Awaitable<void> AnswerLoad(Request& request, Endpoint endpoint, const Asked& asked);

  const Clock& clock_;
  Gateway& gateway_;
  LoadedModels& loaded_;
};

}  // namespace patchbay::ollama
