// The models as Anthropic's API lists them (client-protocols D.9). Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend::anthropic {

std::string EncodeModel(const accounts::v1::ModelInfo& model);
// The page that `limit`, `after_id` and `before_id` in the query ask for; a limit that is no number from 1 to 1000 is
// kInvalidArgument. Behind the models stand their second names, for the clients of Anthropic's that show no others
// (real-clients §7.2).
Result<std::string> EncodeModelList(const accounts::v1::ListModelsReply& models, std::string_view query);

}  // namespace patchbay::frontend::anthropic
