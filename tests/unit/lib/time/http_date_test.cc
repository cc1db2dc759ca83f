#include "lib/time/http_date.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const WallTime kExample{seconds(784111777)};  // the date of RFC 9110's example

TEST(HttpDate, FormatsAndParsesTheFixedForm) {
  EXPECT_EQ(FormatHttpDate(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(*ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(FormatHttpDate(WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, ParsesTheObsoleteForms) {
  EXPECT_EQ(*ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(*ParseHttpDate("Sun Nov  6 08:49:37 1994"), kExample);
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "x", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, "}) {
    EXPECT_FALSE(ParseHttpDate(text).ok()) << text;
  }
}

TEST(HttpDate, RoundTripsOverFourCenturies) {
  for (int day = 0; day < 146097; day += 11) {
    const WallTime time{std::chrono::days(day) + seconds(day % 86400)};
    ASSERT_EQ(*ParseHttpDate(FormatHttpDate(time)), time);
  }
}

}  // namespace
}  // namespace patchbay
