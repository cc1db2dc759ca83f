#include "lib/time/time_text.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, IsInUtcToTheSecond) {
  EXPECT_EQ(Rfc3339(WallTime(1'787'400'000s)), "2026-08-22T12:00:00Z");
  EXPECT_EQ(Rfc3339(WallTime(999ms)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(WallTime(-1ms)), "1969-12-31T23:59:59Z");
}

TEST(Rfc3339, HasSixDigitsOfASecondForRecords) {
  using Micros = std::chrono::sys_time<std::chrono::microseconds>;
  EXPECT_EQ(Rfc3339Micros(Micros(1'787'400'000s + 123us)), "2026-08-22T12:00:00.000123Z");
  EXPECT_EQ(Rfc3339Micros(Micros(-1us)), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, IsReadWithFractionsAndOffsets) {
  constexpr WallTime kNoon{1'787'400'000s};
  EXPECT_EQ(ParseRfc3339("2026-08-22T12:00:00Z"), kNoon);
  EXPECT_EQ(ParseRfc3339("2026-08-22T14:00:00+02:00"), kNoon);
  EXPECT_EQ(ParseRfc3339("2026-08-22t06:30:00-05:30"), kNoon);
  EXPECT_EQ(ParseRfc3339("2026-08-22T12:00:00.5Z"), kNoon + 500ms);
  EXPECT_EQ(ParseRfc3339("2026-08-22T12:00:00.123456z"), kNoon + 123ms);
  for (const char* text :
       {"", "2026-08-22", "2026-08-22T12:00Z", "2026-08-22T12:00:00", "2026-08-22 12:00:00Z", "2026-02-30T12:00:00Z",
        "2026-08-22T24:00:00Z", "2026-08-22T12:60:00Z", "2026-08-22T12:00:60Z", "2026-08-22T12:00:00.Z",
        "2026-08-22T12:00:00+2:00", "2026-08-22T12:00:00Zx", "2026-08-22T12-00:00Z", "2026-08-22T12:00-00Z",
        "2026-08-22T-1:00:00Z"}) {
    EXPECT_FALSE(ParseRfc3339(text).has_value()) << text;
  }
}

TEST(Date, IsTheBeginningOfADayOfTheCalendar) {
  EXPECT_EQ(ParseDate("1970-01-02"), WallTime(24h));
  EXPECT_EQ(ParseDate("2026-04-21"), WallTime(1776729600s));
  for (const char* text : {"", "2026", "2026-02-30", "2026-13-01", "2026-00-10", "2026/04/21", "26-04-21", "2026-04-2x",
                           "-026-04-21", "2026-04-21T00:00:00Z"}) {
    EXPECT_FALSE(ParseDate(text).has_value()) << text;
  }
}

TEST(HumanDuration, ShowsTheTwoLargestUnits) {
  EXPECT_EQ(HumanDuration(850ms), "850ms");
  EXPECT_EQ(HumanDuration(12s), "12s");
  EXPECT_EQ(HumanDuration(130s), "2m 10s");
  EXPECT_EQ(HumanDuration(2h), "2h");
  EXPECT_EQ(HumanDuration(76h + 59min), "3d 4h");
  EXPECT_EQ(HumanDuration(-1s), "0ms");
}

TEST(HumanTime, IsRelativeToNow) {
  EXPECT_EQ(HumanTime(WallTime(1000s), WallTime(1302s)), "5m 2s ago");
  EXPECT_EQ(HumanTime(WallTime(2000s), WallTime(1000s)), "in 16m 40s");
  EXPECT_EQ(HumanTime(WallTime(1000s), WallTime(1000s)), "now");
}

}  // namespace
}  // namespace patchbay
