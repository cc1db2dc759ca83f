// The `input` of a plain SDK client, made acceptable to the Codex backend.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::frontend::openai_responses {

// How much of the first user turn is kept: it only serves to recognise the conversation.
inline constexpr std::size_t kMaxFirstTurnBytes = 16 * 1024;

struct NormalizedInput {
  std::optional<std::string> replacement;  // unset: the items are fine as they are
  std::string first_turn;                  // the first user message
  std::vector<std::string> repaired;
};

// `input` is the JSON text of a string or an array.
Result<NormalizedInput> NormalizeInput(std::string_view input);

}  // namespace patchbay::frontend::openai_responses
