// OpenAI's public Responses API, as its hosts with keys speak it.
#pragma once

#include <memory>

#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_responses/quirks.h"

namespace patchbay::upstream::openai_responses {

// What a provider's row calls it.
inline constexpr std::string_view kResponsesDialect = "openai_responses";

// Stateless, and one for each set of quirks.
std::unique_ptr<const Dialect> MakeDialect(const Quirks& quirks);

}  // namespace patchbay::upstream::openai_responses
