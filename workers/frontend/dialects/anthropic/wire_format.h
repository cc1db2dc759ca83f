// Pieces of JSON that the stream and the whole answer of Messages have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/anthropic/block_reader.h"

namespace patchbay::frontend::anthropic {

// What stays the same over one answer.
struct ReplyIdentity {
  std::string id;     // "msg_…"
  std::string model;  // the client's own name for it
  // An estimate. Who counts at the end has said nothing when the answer begins, and some clients look only there.
  std::int64_t input_tokens = 0;
};

// client-protocols G.1. A provider that says "stop" after asking for tools means the tools.
std::string_view StopReasonName(inference::v1::FinishReason reason, bool called_tools, bool refused);

// {"input_tokens":…,…}: without what the cache gave, which has members of its own (client-protocols G.3). Of a message,
// and the shorter one of message_delta.
void AppendUsage(std::string& out, const inference::v1::Usage& usage, int web_searches);
void AppendDeltaUsage(std::string& out, const inference::v1::Usage& usage, int web_searches);

// Who called a tool: always the model itself, never code that a server runs for it.
inline constexpr std::string_view kDirectCaller = R"({"type":"direct"})";

// "stop_reason":…,"stop_sequence":…,"stop_details":… of an ending, or of an answer that has none yet.
void AppendStop(std::string& out, const Ending* ending);

// What a search found, as a JSON array of web_search_result.
std::string ResultsJson(const inference::v1::WebSearchCall& search);

// A citation of a page as a web_search_result_location that quotes `text`, which it is about; empty for other sources.
std::string CitationJson(const inference::v1::Citation& citation, std::string_view text);

}  // namespace patchbay::frontend::anthropic
