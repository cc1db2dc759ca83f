// Pieces of JSON that the stream and the whole answer of Chat Completions have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::openai_chat {

// What stays the same over one answer.
struct ReplyIdentity {
  std::string id;            // "chatcmpl-…"
  std::string model;         // the client's own name for it
  std::int64_t created = 0;  // unix seconds
  bool legacy_functions = false;
  std::vector<std::string> stops = {};
  // The text is JSON that has to be brought into this shape; empty: it is shown as it is.
  std::string restore_schema = {};
};

std::string_view FinishReasonName(inference::v1::FinishReason reason, bool legacy_functions);
// {"prompt_tokens":…,"completion_tokens":…,…} (client-protocols G.3)
void AppendUsage(std::string& out, const inference::v1::Usage& usage);
// A provider's citation {"type":"url_citation","start_index",…} in Chat's nested form; empty for
// other kinds. `base` is added to the offsets.
std::string CitationJson(std::string_view annotation, std::int64_t base);

}  // namespace patchbay::frontend::openai_chat
