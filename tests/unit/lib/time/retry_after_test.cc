#include "lib/time/retry_after.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const WallTime kExampleDate{seconds(784111777)};  // the date of RFC 9110's example

TEST(RetryAfter, AcceptsSecondsAndDates) {
  EXPECT_EQ(*ParseRetryAfter(" 120 ", kExampleDate), seconds(120));
  EXPECT_EQ(*ParseRetryAfter("0.25", kExampleDate), milliseconds(250));
  EXPECT_EQ(*ParseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", kExampleDate), seconds(60));
  EXPECT_EQ(*ParseRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", kExampleDate), seconds(0));
  EXPECT_EQ(*ParseRetryAfter("99999999999999", kExampleDate), kLongestRetryAfter);
}

TEST(RetryAfter, RefusesNonsense) {
  for (const char* text : {"", "soon", "-1", "1e9", "nan", "inf", "12 s"})
    EXPECT_FALSE(ParseRetryAfter(text, kExampleDate).ok()) << text;
}

TEST(RetryAfterInWords, ReadsANumberAndItsUnit) {
  EXPECT_EQ(RetryAfterInWords("Rate limit reached. Please try again in 11.5s."), milliseconds(11'500));
  EXPECT_EQ(RetryAfterInWords("Try Again In 250 ms"), milliseconds(250));
  EXPECT_EQ(RetryAfterInWords("try again in 2 minutes, or upgrade"), seconds(120));
  EXPECT_EQ(RetryAfterInWords("try again in 0 seconds"), seconds(0));
}

TEST(RetryAfterInWords, FindsNothingInOtherWords) {
  for (const char* text : {"", "try again later", "try again in ", "try again in a while", "try again in 5",
                           "try again in -5s", "try again in 5 days", "try again in nan s", "try again in infs"}) {
    EXPECT_FALSE(RetryAfterInWords(text)) << text;
  }
}

TEST(RetryAfterInWords, IsCutToTheLongest) {
  EXPECT_EQ(RetryAfterInWords("try again in 99999999999999999999s"), milliseconds(kLongestRetryAfter));
}

}  // namespace
}  // namespace patchbay
