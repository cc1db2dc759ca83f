// What the Codex CLI asks of its backend besides calls. It takes whatever base URL it is given for the ChatGPT
// backend's (codex-key-plugin §1), asks there about its login, and reads a catalog of models in a form of its own.
// Pure.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses::codex {

std::unique_ptr<Dialect> MakeFace();

}  // namespace patchbay::frontend::openai_responses::codex
