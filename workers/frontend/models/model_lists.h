// The list of models in the shapes that clients know. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

// OpenAI's (client-protocols B.9): one model, and the list.
std::string OpenAiModel(const accounts::v1::ModelInfo& model);
std::string OpenAiModelList(const accounts::v1::ListModelsReply& models);

// Anthropic's (client-protocols D.9). The page is asked for by `limit`, `after_id` and `before_id` in the query; a
// limit that is no number from 1 to 1000 is kInvalidArgument. Behind the models stand their second names, for the
// clients of Anthropic's that show no others (real-clients §7.2).
std::string AnthropicModel(const accounts::v1::ModelInfo& model);
Result<std::string> AnthropicModelList(const accounts::v1::ListModelsReply& models, std::string_view query);

// What the Codex CLI asks for with `client_version` (codex-wire §12): the provider's own entries, and entries of the
// same form for models that have none. kUnavailable while no provider has told its list: without one the CLI
// uses the catalog that it carries, whose prompts we do not have.
Result<std::string> CodexCatalog(const accounts::v1::ListModelsReply& models);
// A validator for `body`: the same bytes, the same tag.
std::string WeakETag(std::string_view body);

// Our own: everything that is known of one model, and of all.
std::string ModelDetails(const accounts::v1::ModelInfo& model);
std::string ModelCatalogDetails(const accounts::v1::ListModelsReply& models);

}  // namespace patchbay::frontend
