// The models as Google's API lists them (client-protocols E.6). Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend::gemini {

std::string EncodeModel(const accounts::v1::ModelInfo& model);
// The page that `pageSize` and `pageToken` in the query ask for. A size that is no number, or a token that was not
// given out, is kInvalidArgument.
Result<std::string> EncodeModelList(const accounts::v1::ListModelsReply& models, std::string_view query);

}  // namespace patchbay::frontend::gemini
