// The list of models in OpenAI's shape (client-protocols B.9): one model, and the list. Pure.
#pragma once

#include <string>

#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

std::string OpenAiModel(const accounts::v1::ModelInfo& model);
std::string OpenAiModelList(const accounts::v1::ListModelsReply& models);

}  // namespace patchbay::frontend
