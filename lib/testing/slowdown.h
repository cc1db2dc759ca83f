// How much slower this build may be than one for release: ./dev test says it for sanitized ones.
#pragma once

#include <algorithm>
#include <cstdlib>

namespace patchbay::testing {

// 1 and more. Random walks take so many times fewer runs: a sanitizer looks at each step, not for rare ones.
inline unsigned Slowdown() {
  const char* said = std::getenv("PATCHBAY_TEST_SLOWDOWN");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const int times = said == nullptr ? 1 : std::atoi(said);   // NOLINT(cert-err34-c): 0 for what is no number
  return static_cast<unsigned>(std::clamp(times, 1, 100));
}

}  // namespace patchbay::testing
