// Reasoning that a provider sealed is readable for the account that made it alone. When a conversation has to go on
// with another account, its sealed reasoning is left out; the words stay (codex-wire §8.2). Pure.
#pragma once

#include <variant>

#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// The provider's word for reasoning (or a compaction) that it cannot open.
inline constexpr std::string_view kCannotUnseal = "invalid_encrypted_content";

// Whether there was any to leave out. Ids go with it: a provider knows an item's id only together with the reasoning in
// front of it. A compaction stays, for it is the conversation.
bool DropSealedReasoning(std::variant<inference::v1::GenerateRequest, RawRequest>& payload);

}  // namespace patchbay::frontend
