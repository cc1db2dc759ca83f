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
