// A generateContent request → the canonical request (client-protocols E.2 to E.4).
//
// Every member is forwarded, emulated, refused with its JSON pointer, or listed in `ignored`: README.md has the table,
// and a test holds this code to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/dialect.h"
#include "workers/frontend/dialects/gemini/wire_format.h"

namespace patchbay::frontend::gemini {

struct DecodedRequest {
  inference::v1::GenerateRequest request;
  // The answer is a word of an enum and no JSON ('text/x.enum').
  bool enum_answer = false;
  // The answer tells where its sentences come from.
  bool web_search = false;
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  std::vector<WishedFor> wishes;

  // Each name once, however often it stands in the request, and no more names than a header holds.
  void Ignore(const JsonNode& node);
  void WishFor(std::string_view canonical, const JsonNode& node);
};

// What the answer to such a request has to know.
ReplyIdentity IdentityOf(const DecodedRequest& decoded, std::string id);

// `model` is the path's. kInvalidArgument and kUnsupported name the place in `where`.
Result<DecodedRequest> DecodeRequest(std::string_view body, std::string_view model);
// The body of countTokens: as above, or with all of it in `generateContentRequest`.
Result<DecodedRequest> DecodeCountRequest(std::string_view body, std::string_view model);

// Every member that has a row of its own, by its path: "generationConfig.topK".
std::vector<std::string> KnownFields();

}  // namespace patchbay::frontend::gemini
