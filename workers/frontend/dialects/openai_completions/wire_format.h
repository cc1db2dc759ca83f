// Pieces of JSON that the stream and the whole answer of legacy Completions have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::openai_completions {

// What stays the same over one answer.
struct ReplyIdentity {
  std::string id;            // "cmpl-…"
  std::string model;         // the client's own name for it
  std::int64_t created = 0;  // unix seconds
  std::string echo;          // stands before the text
};

std::string_view FinishReasonName(inference::v1::FinishReason reason);
// {"prompt_tokens":…,"completion_tokens":…,"total_tokens":…}
void AppendUsage(std::string& out, const inference::v1::Usage& usage);

}  // namespace patchbay::frontend::openai_completions
