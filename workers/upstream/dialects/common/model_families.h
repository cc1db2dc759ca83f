// Rules that follow a model wherever it is hosted, by what it is called (providers §2 rule 6).
#pragma once

#include <string_view>

namespace patchbay::upstream {

// False for models that reason and refuse temperature, top_p and log probabilities: OpenAI's o-series and gpt-5 on.
bool TakesSampling(std::string_view model);
// OpenAI's and xAI's that are known to reason by what they are called; others may all the same.
bool IsKnownToReason(std::string_view model);
// False for those and for xAI's that reason: penalties and stop sequences are refused.
bool TakesPenalties(std::string_view model);

}  // namespace patchbay::upstream
