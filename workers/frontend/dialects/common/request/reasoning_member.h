// The member `reasoning` of OpenAI's requests, as bytes: how hard it asks to think, and the same with another effort.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::frontend {

// Empty where it says nothing. What cannot be read is no word that anybody knows, and as many tokens as there can be:
// it must not pass for little.
struct ThinkingWish {
  std::string effort;                         // visible ASCII
  std::optional<std::int64_t> budget_tokens;  // `max_tokens`, which hosts of these APIs take as well
};

// Of its JSON text; anything but an object says nothing.
ThinkingWish ReadReasoningMember(std::string_view json);

// The word stands for a number of tokens, too; what else it says stays. Fails for a member that says something twice.
Result<std::string> ReasoningWithEffort(std::string_view json, std::string_view effort);

}  // namespace patchbay::frontend
