// Pieces of JSON that the stream and the whole answer of Chat Completions have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::openai_chat {

// What stays the same over one answer.
struct ReplyIdentity {
  std::string id;            // "chatcmpl-…"
  std::string model;         // the client's own name for it
  std::int64_t created = 0;  // unix seconds
  bool legacy_functions = false;
};

// OpenAI's words for the tiers. Unspecified and empty: none.
std::string_view TierName(inference::v1::Tier tier);
inference::v1::Tier TierOf(std::string_view name);

std::string_view FinishReasonName(inference::v1::FinishReason reason, bool legacy_functions);
// {"prompt_tokens":…,"completion_tokens":…,…} (client-protocols G.3)
void AppendUsage(std::string& out, const inference::v1::Usage& usage);
// {"type":"url_citation","url_citation":{…}}; empty for what is no page, which Chat cannot cite.
std::string CitationJson(const inference::v1::Citation& citation);

}  // namespace patchbay::frontend::openai_chat
