// The catalog of models that the Codex CLI asks for with `client_version` (codex-wire §12). Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "workers/frontend/call/answer.h"

namespace patchbay::frontend::openai_responses::codex {

// The provider's own entries, and entries of the same form for models that have none. kUnavailable while no provider
// has told its list: without one the CLI uses the catalog that it carries, whose prompts we do not have.
Result<std::string> EncodeModelCatalog(const accounts::v1::ListModelsReply& models);

// The same as an answer with its ETag; 304 when `if_none_match` (RFC 9110 §13.1.2) names that already.
Result<Answer> AnswerModelCatalog(const accounts::v1::ListModelsReply& models, std::string_view if_none_match);

}  // namespace patchbay::frontend::openai_responses::codex
