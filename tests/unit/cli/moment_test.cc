#include "cli/moment.h"

#include <gtest/gtest.h>

#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// 23:30 in UTC, and the next day where the clocks show an hour more.
const WallTime kLate = *ParseDate("2026-11-30") + hours(23) + minutes(30);

std::string At(std::string_view text, minutes offset = minutes(0)) {
  const auto moment = ParseMoment(text, kLate, offset);
  return moment.ok() ? Rfc3339(*moment) : moment.error().message;
}

TEST(Moment, IsAWhileAgo) {
  EXPECT_EQ(At("now"), "2026-11-30T23:30:00Z");
  EXPECT_EQ(At("36h"), "2026-11-29T11:30:00Z");
  EXPECT_EQ(At("1d12h"), "2026-11-29T11:30:00Z");
  EXPECT_EQ(At("90m", hours(1)), "2026-11-30T22:00:00Z");
}

TEST(Moment, IsADayByTheClockOfWhoeverAsks) {
  EXPECT_EQ(At("today"), "2026-11-30T00:00:00Z");
  EXPECT_EQ(At("today", hours(1)), "2026-11-30T23:00:00Z");
  EXPECT_EQ(At("yesterday", -hours(3)), "2026-11-29T03:00:00Z");
  EXPECT_EQ(At("2026-11-01", hours(1)), "2026-10-31T23:00:00Z");
  EXPECT_EQ(At("2026-11-01T10:15", hours(1)), "2026-11-01T09:15:00Z");
}

TEST(Moment, IsNothingElse) {
  for (const char* text : {"", "soon", "2026-13-01", "2026-11-01T", "2026-11-01T25:00", "2026-11-01X10:00", "-7d"}) {
    EXPECT_EQ(At(text).substr(0, 1), "'") << text;
  }
}

}  // namespace
}  // namespace patchbay::cli
