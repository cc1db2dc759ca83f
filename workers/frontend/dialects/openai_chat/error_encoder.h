// A problem as Chat Completions tells it. The table is the OpenAI family's: dialects/openai_error.cc.
#pragma once

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_chat {

Answer EncodeError(const Problem& problem);

}  // namespace patchbay::frontend::openai_chat
