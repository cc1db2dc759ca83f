// OpenAI Chat Completions: POST /v1/chat/completions.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_chat {

std::unique_ptr<Dialect> MakeDialect();

}  // namespace patchbay::frontend::openai_chat
