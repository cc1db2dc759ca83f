#include "lib/config/units.h"

#include <gtest/gtest.h>

namespace patchbay::config {
namespace {

using namespace std::chrono_literals;

TEST(ConfigUnits, ReadDurationsAsPeopleWriteThem) {
  EXPECT_EQ(*ParseDuration("250ms"), 250ms);
  EXPECT_EQ(*ParseDuration("30s"), 30s);
  EXPECT_EQ(*ParseDuration("5m"), 5min);
  EXPECT_EQ(*ParseDuration("1h30m"), 90min);
  EXPECT_EQ(*ParseDuration("2d"), 48h);
  EXPECT_EQ(*ParseDuration("0"), 0ms);
}

TEST(ConfigUnits, RefuseWhatIsNotADuration) {
  for (const auto* text :
       {"", "30", "s", "30 s", "-1s", "1.5s", "30s1h", "1s1s", "1y", "99999999999999999999s", "400d"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(ConfigUnits, GiveDurationsBackInTheShortestForm) {
  for (const auto* text : {"0s", "250ms", "30s", "1m30s", "1h", "1d1ms"})
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  EXPECT_EQ(FormatDuration(60s), "1m");
}

TEST(ConfigUnits, ReadSizesInPowersOf1024And1000) {
  EXPECT_EQ(*ParseBytes("65536"), 65536u);
  EXPECT_EQ(*ParseBytes("64MiB"), 64u << 20);
  EXPECT_EQ(*ParseBytes("1kB"), 1000u);
  for (const auto* text :
       {"", "MiB", "64 MiB", "64mib", "1.5GiB", "-1", "99999999999999999999", "18446744073709551615GiB"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

TEST(ConfigUnits, GiveSizesBackWithTheLargestUnitThatDivides) {
  for (const auto* text : {"0", "1023", "1KiB", "64MiB", "1GiB", "1025MiB"})
    EXPECT_EQ(FormatBytes(*ParseBytes(text)), text);
}

}  // namespace
}  // namespace patchbay::config
