// The models as Google's API lists them (client-protocols E.6).
#pragma once

#include <string>

#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

std::string GeminiModel(const accounts::v1::ModelInfo& model);
// Every model on one page: there are few.
std::string GeminiModelList(const accounts::v1::ListModelsReply& models);

}  // namespace patchbay::frontend
