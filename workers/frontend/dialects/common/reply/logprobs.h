// Log probabilities of tokens, as OpenAI's protocols tell them (client-protocols B.3, C.4).
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend {

using TokenLogprobs = google::protobuf::RepeatedPtrField<inference::v1::TokenLogprob>;

// {"token","logprob","bytes","top_logprobs":[{"token","logprob","bytes"}]} of each, separated by commas.
std::string LogprobsJson(const TokenLogprobs& logprobs);

}  // namespace patchbay::frontend
