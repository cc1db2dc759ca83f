// Log probabilities of tokens, as a candidate of Gemini tells them.
#pragma once

#include <string>

#include "workers/frontend/dialects/common/reply/logprobs.h"

namespace patchbay::frontend::gemini {

// `,"logprobsResult":{"topCandidates":[{"candidates":[{token,logProbability}]}],"chosenCandidates":[…]}`, both of one
// element for each token; nothing without any.
void AppendLogprobsResult(const TokenLogprobs& logprobs, std::string& out);

}  // namespace patchbay::frontend::gemini
