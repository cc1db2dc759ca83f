#include "lib/base/clock.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(SystemClock, IsTheCalendarsAndNeverGoesBackWhereItIsSteady) {
  const SystemClock clock;
  const auto calendar = std::chrono::system_clock::now();
  EXPECT_GE(clock.Now(), std::chrono::floor<std::chrono::milliseconds>(calendar));
  const SteadyTime before = clock.Steady();
  EXPECT_GE(clock.Steady(), before);
}

}  // namespace
}  // namespace patchbay
