// A Chat Completions request body → the canonical request (client-protocols B.1, B.2), also one that has the form of
// the Responses API (request_input.h).
//
// Every member of the body is forwarded, emulated, refused with its JSON pointer, or listed in
// `ignored`: README.md has the table, and a test holds this code to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_chat {

struct DecodedRequest {
  inference::v1::GenerateRequest request;
  bool stream = false;
  bool include_usage = false;
  // The client used the deprecated `functions`: answer with `function_call` instead of `tool_calls`.
  bool legacy_functions = false;
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  std::vector<WishedFor> wishes;
};

// kInvalidArgument and kUnsupported name the place in `where`.
Result<DecodedRequest> DecodeRequest(std::string_view body);

// Every member that has a row of its own; any other is ignored and reported.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_chat
