// An Anthropic Messages request body → the canonical request (client-protocols D.2).
//
// Every member of the body is forwarded, emulated, refused with its JSON pointer, or listed in `ignored`: README.md has
// the table, and a test holds this code to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/anthropic/block_reader.h"
#include "workers/frontend/dialects/anthropic/tool_set.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::anthropic {

struct DecodedRequest {
  inference::v1::GenerateRequest request;
  bool stream = false;
  ReplyOptions reply;
  ToolSet tools;  // while the request is read; those that are offered end up in it
  std::optional<inference::v1::CacheBreakpoint> whole_breakpoint;  // the prompt is to be cached up to its end
  // The session part of metadata.user_id, or all of it: which conversation this is.
  std::string affinity;
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  std::vector<WishedFor> wishes;
};

enum class Purpose {
  kGenerate,
  kCount,  // count_tokens: neither `max_tokens` nor an open question is needed
};

// kInvalidArgument and kUnsupported name the place in `where`.
Result<DecodedRequest> DecodeRequest(std::string_view body, Purpose purpose = Purpose::kGenerate);

// Every member that has a row of its own; any other is ignored and reported.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::anthropic
