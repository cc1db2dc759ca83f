// A provider's answer to POST /embeddings of OpenAI's API.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "patchbay/gateway/v1/gateway.pb.h"

namespace patchbay::frontend {

// The answer, as Gateway.Embed gives it. kProtocol: it is not one, or has not one vector for each of `inputs`.
Result<gateway::v1::EmbedReply> ReadEmbeddings(std::string_view body, int inputs);

}  // namespace patchbay::frontend
