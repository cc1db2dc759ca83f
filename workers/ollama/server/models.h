// The endpoints that look at the models, ask them for vectors, or would change them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "workers/ollama/dialect/embed.h"
#include "workers/ollama/server/answers.h"
#include "workers/ollama/server/client_notes.h"
#include "workers/ollama/server/gateway.h"
#include "workers/ollama/server/loaded_models.h"
#include "workers/ollama/server/settings.h"

namespace patchbay::ollama {

class Models {
 public:
  // The references outlive it and its requests.
  Models(const Clock& clock, Gateway& gateway, LoadedModels& loaded)
      : clock_(clock), gateway_(gateway), loaded_(loaded) {}

  // For requests from now on.
  void SetView(const ModelView& view) { view_ = view; }

  Awaitable<void> Tags(Request& request);
  Awaitable<void> Loaded(Request& request);
  Awaitable<void> Show(Request& request);
  Awaitable<void> Pull(Request& request);
  // Of what the operator decides: 404 for a model that there is not, else no.
  Awaitable<void> Copy(Request& request);
  Awaitable<void> Delete(Request& request);
  Awaitable<void> Embed(Request& request);
  Awaitable<void> Embeddings(Request& request);

 private:
  using WriteVectors = std::function<std::string(const gateway::v1::EmbedReply&)>;
  // What `write` makes of the vectors, or why there are none. All of it outlives the call.
  Awaitable<void> AnswerVectors(Request& request, AskedVectors& asked, ClientNotes& notes, const WriteVectors& write);
  // Vectors; or nothing: then the client has its answer, or is gone.
  Awaitable<std::optional<gateway::v1::EmbedReply>> VectorsFor(Request& request, std::string asked,
                                                               gateway::v1::EmbedCall call);
  // By whichever name the gateway knows.
  Awaitable<Result<gateway::v1::EmbedReply>> VectorsOf(std::string asked, gateway::v1::EmbedCall call,
                                                       std::shared_ptr<Departure> departure);
  Awaitable<Error> WhyNone(std::string asked, Error error);

  const Clock& clock_;
  Gateway& gateway_;
  LoadedModels& loaded_;
  ModelView view_;
};

}  // namespace patchbay::ollama
