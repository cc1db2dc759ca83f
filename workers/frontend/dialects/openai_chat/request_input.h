// A body in the form of the Responses API, which Cursor sends here and whose answer it reads as Chat Completions
// (client-protocols C.2).
//
// What both APIs have, also under two names, is read by the table of request_decoder. Here is what only the Responses
// API has, and what means something else in it; README.md has these rows in a table of their own.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {

// Whether the conversation is in `input`. A body that has both is a chat's, unless its messages are empty.
bool HasResponsesForm(const JsonNode& body);

// `otherwise` reads the members that have no row here.
Result<void> ReadResponsesForm(const JsonNode& body, DecodedRequest& out, FieldReader<DecodedRequest> otherwise);

// Every member that has a row of its own here.
std::vector<std::string_view> ResponsesFields();

}  // namespace patchbay::frontend::openai_chat
