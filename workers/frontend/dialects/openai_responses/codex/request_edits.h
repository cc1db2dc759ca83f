// What the ChatGPT backend gets of a Responses request (codex-wire §3). It refuses much of what a plain SDK client
// sends: that is edited at the outermost level, member by member; ../README.md has the table. What the Codex CLI sends
// is good as it is, but for a handful of members that nobody may send. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

namespace patchbay::frontend::openai_responses::codex {

// As Backend has them.
Result<Edits> EditsFor(const DecodedRequest& request);
Echoes EchoesFor(const DecodedRequest& request);

// Every member that does not simply pass; any other does.
std::vector<std::string_view> EditedFields();

}  // namespace patchbay::frontend::openai_responses::codex
