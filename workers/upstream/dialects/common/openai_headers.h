// What hosts that follow OpenAI say in the head of an answer for its client.
#pragma once

#include <string_view>

namespace patchbay::upstream {

// By the name in lower case. Whose account it is (openai-organization, openai-project) is not the client's business;
// the rest of a live head is noise or ours.
bool IsOpenAiHeader(std::string_view name);
// Of these, what the account's limits are.
bool IsOpenAiQuotaHeader(std::string_view name);

}  // namespace patchbay::upstream
