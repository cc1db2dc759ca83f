#include "lib/base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace patchbay {
namespace {

TEST(ParseNumber, ReadsTheWholeTextOrNothing) {
  EXPECT_EQ(ParseNumber<int>("-12"), -12);
  EXPECT_EQ(ParseNumber<double>("1.5"), 1.5);
  for (const char* bad : {"", " 1", "1 ", "+1", "1s", "0x1", "one"}) EXPECT_FALSE(ParseNumber<int>(bad)) << bad;
}

TEST(ParseNumber, RefusesWhatDoesNotFit) {
  EXPECT_EQ(ParseNumber<std::uint16_t>("65535"), 65535);
  EXPECT_FALSE(ParseNumber<std::uint16_t>("65536"));
  EXPECT_FALSE(ParseNumber<unsigned>("-1"));
}

TEST(ParseRange, ReadsANumberOrTwo) {
  EXPECT_EQ(ParseRange<int>("429"), std::pair(429, 429));
  EXPECT_EQ(ParseRange<int>("500-599"), std::pair(500, 599));
  for (const char* bad : {"", "-", "5-", "-5", "9-5", "5-6-7", "a"}) EXPECT_FALSE(ParseRange<int>(bad)) << bad;
}

}  // namespace
}  // namespace patchbay
