// The models as Google's API lists them (client-protocols E.6).
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

std::string GeminiModel(const accounts::v1::ModelInfo& model);
// The page that `pageSize` and `pageToken` in the query ask for. A size that is no number, or a token that was not
// given out, is kInvalidArgument.
Result<std::string> GeminiModelList(const accounts::v1::ListModelsReply& models, std::string_view query);

}  // namespace patchbay::frontend
