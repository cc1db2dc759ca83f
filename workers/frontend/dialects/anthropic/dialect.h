// Anthropic Messages: POST /v1/messages and /v1/messages/count_tokens.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::anthropic {

std::unique_ptr<Dialect> MakeDialect();

}  // namespace patchbay::frontend::anthropic
