// Words that OpenAI's protocols share, and the hosts that follow them. Pure.
#pragma once

#include <string_view>

#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream {

// As `service_tier` asks for it; empty for automatic, which is what absence means.
std::string_view OpenAiTierName(inference::v1::Tier tier);

// How likely a token was: {"token","logprob","bytes","top_logprobs"} (client-protocols B.3, C.4).
void ReadOpenAiLogprob(std::string_view object, inference::v1::TokenLogprob& out);

}  // namespace patchbay::upstream
