// The models, in the shapes of the clients that ask for them.
#pragma once

#include "workers/frontend/http/request.h"
#include "workers/frontend/models/catalog.h"

namespace patchbay::frontend {

class ModelHandler {
 public:
  // `models` outlives the handler and its requests.
  explicit ModelHandler(ModelCatalog& models) : models_(models) {}

  Awaitable<void> List(Request& request);
  // Of all of them, everything that is known.
  Awaitable<void> Catalog(Request& request);
  Awaitable<void> One(Request& request);
  Awaitable<void> Details(Request& request);

 private:
  // Nothing when there is none of that name; the client has its answer then.
  Awaitable<std::optional<accounts::v1::ModelInfo>> Find(Request& request);

  ModelCatalog& models_;
};

}  // namespace patchbay::frontend
