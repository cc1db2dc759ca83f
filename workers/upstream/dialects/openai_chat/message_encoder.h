// The conversation → `messages`. Used by request_encoder.
//
// The canonical form has a line of items; this API has turns: what an assistant thought, said and called in one turn is
// one message, and behind a turn with calls stand the results of all of them, before anything else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/openai_chat/quirks.h"

namespace patchbay::upstream::openai_chat {

// What was left out and what had to be changed, each once.
struct Notes {
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  void Ignore(std::string_view name);
  void Repair(std::string_view what);
};

// Writes the array. `instruction` is our own, behind the client's; may be empty.
Result<void> WriteMessages(wire::JsonWriter& json, const inference::v1::GenerateRequest& request, const Quirks& quirks,
                           std::string_view instruction, Notes& notes);

// Whether a turn with tool calls has no reasoning that could go back with it (providers §2 rule 4).
bool LacksReasoning(const inference::v1::GenerateRequest& request);

}  // namespace patchbay::upstream::openai_chat
