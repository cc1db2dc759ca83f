// embedContent and batchEmbedContents (client-protocols E.7): vectors of texts, from providers that make them for
// OpenAI's protocol.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/call/reply_plan.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::gemini {

struct DecodedEmbed {
  gateway::v1::EmbedCall call;
  std::vector<std::string> ignored;

  void Ignore(const JsonNode& node);
};

// One content, or with `batch` several `requests`. `model` is the path's. kInvalidArgument and kUnsupported name the
// place in `where`.
Result<DecodedEmbed> DecodeEmbed(std::string_view body, std::string_view model, bool batch);

// The answer to it, of a provider of OpenAI's protocol: {"embedding":…} or, with `batch`, {"embeddings":[…]}.
Result<std::string> EncodeEmbed(std::string_view answer, int inputs, bool batch);
std::unique_ptr<RelayedReply> NewEmbedReply(int inputs, bool batch);

}  // namespace patchbay::frontend::gemini
