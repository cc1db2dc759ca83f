// What hosts that follow OpenAI say in the head of an answer for its client.
#pragma once

#include <string_view>

namespace patchbay::upstream {

// By the name in lower case; the rest of a live head is noise or ours.
bool IsOpenAiHeader(std::string_view name);

}  // namespace patchbay::upstream
