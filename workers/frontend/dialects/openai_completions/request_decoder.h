// A legacy Completions request body → the canonical request (client-protocols B.7).
//
// No provider of ours continues a text by itself, so a model that answers is told to continue. README.md has the table
// of every member, and a test holds this code to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_completions {

struct DecodedRequest {
  inference::v1::GenerateRequest request;
  bool stream = false;
  bool include_usage = false;
  std::string echo;  // the prompt, when it is to stand before the answer
  std::vector<std::string> ignored;
  std::vector<WishedFor> wishes;
};

// kInvalidArgument and kUnsupported name the place in `where`.
Result<DecodedRequest> DecodeRequest(std::string_view body);

// Every member that has a row of its own; any other is ignored and reported.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_completions
