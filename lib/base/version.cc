#include "lib/base/version.h"

namespace patchbay {

constinit const std::string_view kVersion = PATCHBAY_VERSION;

}  // namespace patchbay
