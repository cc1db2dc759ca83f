#include "workers/ollama/dialect/timestamp.h"

#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

TEST(Timestamp, HasNineDigitsBehindTheSecond) {
  Timestamp stamp;
  const WallNanos base{std::chrono::seconds(1'767'225'600)};
  EXPECT_EQ(stamp.Of(base), "2026-01-01T00:00:00.000000000Z");
  EXPECT_EQ(stamp.Of(base + std::chrono::nanoseconds(1)), "2026-01-01T00:00:00.000000001Z");
  EXPECT_EQ(stamp.Of(base + std::chrono::milliseconds(61'500)), "2026-01-01T00:01:01.500000000Z");
}

}  // namespace
}  // namespace patchbay::ollama
