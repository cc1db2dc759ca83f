// OpenAI's Chat Completions, as any of its many hosts speaks it.
#pragma once

#include <memory>
#include <string_view>

#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_chat/quirks.h"

namespace patchbay::upstream::openai_chat {

// The clients' dialect whose bytes it takes as they are.
inline constexpr std::string_view kChatDialect = "openai_chat";

std::unique_ptr<const Dialect> MakeDialect(const Quirks& quirks);

}  // namespace patchbay::upstream::openai_chat
