// Names with '*' in them, which stands for any text. Pure.
#pragma once

#include <string_view>

namespace patchbay {

bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace patchbay
