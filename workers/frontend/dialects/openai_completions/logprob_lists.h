// Log probabilities of tokens, as legacy Completions tell them: lists, side by side, one element for each token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workers/frontend/dialects/common/reply/logprobs.h"

namespace patchbay::frontend::openai_completions {

class LogprobLists {
 public:
  // Of tokens that follow each other; the text that they are begins at this character of the choice's text.
  void Add(const TokenLogprobs& logprobs, std::int64_t begin);
  // {"tokens":[…],"token_logprobs":[…],"top_logprobs":[{token:logprob}],"text_offset":[…]}; null without any.
  void AppendTo(std::string& out) const;

 private:
  TokenLogprobs tokens_;
  std::vector<std::int64_t> offsets_;  // of each token, in characters
};

}  // namespace patchbay::frontend::openai_completions
