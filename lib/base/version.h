#pragma once

#include <string_view>

namespace patchbay {

// The project's version as CMakeLists.txt says it: "0.1.0".
extern const std::string_view kVersion;

}  // namespace patchbay
