// A Responses request body → the canonical request (client-protocols C.2, codex-wire §3), for a provider that speaks
// another dialect.
//
// Every member is forwarded, or travels as `Opaque` so that the provider that answers can say what it left out:
// ../README.md has the table, and a test holds this code to it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/reply_plan.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend::openai_responses::translated {

// What a request is made of. Refers to what the caller has.
struct RequestSource {
  std::string_view body;                                 // the client's own
  const std::vector<ItemsJson>& history;                 // of the response that it goes on from, in front of `input`
  const std::map<std::string, std::string>& references;  // items that `input` refers to, by their ids
};

// kInvalidArgument, kUnsupported and kNotFound name the place in `where`.
Result<TranslatedRequest> DecodeRequest(const RequestSource& source);

// Every member that has a row of its own; any other travels as it is.
std::vector<std::string_view> KnownFields();

// Canonical names of what providers leave out, by the names that this dialect has for them.
std::vector<WishedFor> Wishes();

}  // namespace patchbay::frontend::openai_responses::translated
