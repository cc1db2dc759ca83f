// Of the models those that a client key may use. Pure.
#pragma once

#include "patchbay/accounts/v1/client_keys.pb.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "workers/frontend/models/catalog.h"

namespace patchbay::frontend {

// By its own name and by what that stands for. `terms` null: no limits.
bool AllowsModel(const accounts::v1::ModelInfo& model, const accounts::v1::KeyTerms* terms);

// The list itself where the terms leave nothing out.
ModelCatalog::ModelList AllowedModels(ModelCatalog::ModelList models, const accounts::v1::KeyTerms* terms);

}  // namespace patchbay::frontend
