// An Embeddings request body: what of it concerns us (client-protocols B.8). All of it goes to the provider byte for
// byte, so a member that is not known here is the provider's to judge. README.md has the table of every member, and a
// test holds this code to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::frontend::openai_embeddings {

struct DecodedRequest {
  std::string model;
  bool wants_base64 = false;  // of its vectors: what they hold as bytes, and not a list of numbers
};

// kInvalidArgument names the place in `where`. The body stays as it is; it may get spare capacity.
Result<DecodedRequest> DecodeRequest(std::string& body);

// What the inputs of a body that was decoded cost, about.
std::int64_t EstimateInputTokens(std::string_view body);

// Every member that has a row of its own.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_embeddings
