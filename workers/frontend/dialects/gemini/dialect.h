// Google's Gemini: generateContent and streamGenerateContent.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::gemini {

std::unique_ptr<Dialect> MakeDialect();

}  // namespace patchbay::frontend::gemini
