#include "lib/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace patchbay {

void CheckFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace patchbay
