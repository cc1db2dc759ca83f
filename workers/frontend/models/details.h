// Everything that is known of the models, in a shape of our own. Pure.
#pragma once

#include <string>

#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

// One model, and all of them.
std::string ModelDetails(const accounts::v1::ModelInfo& model);
std::string ModelCatalogDetails(const accounts::v1::ListModelsReply& models);

}  // namespace patchbay::frontend
