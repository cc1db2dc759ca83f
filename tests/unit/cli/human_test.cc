#include "cli/human.h"

#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;

google::protobuf::Timestamp At(std::int64_t seconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  return timestamp;
}

TEST(HumanTime, IsADashForWhatIsNotSet) {
  EXPECT_EQ(HumanTime(At(1000), WallTime(1302s)), "5m 2s ago");
  EXPECT_EQ(HumanTime(At(0), WallTime(1000s)), "-");
}

TEST(HumanNumbers, AreReadable) {
  EXPECT_EQ(HumanBytes(512), "512 B");
  EXPECT_EQ(HumanBytes(24'536'678), "23.4 MiB");
  EXPECT_EQ(HumanCount(0), "0");
  EXPECT_EQ(HumanCount(999), "999");
  EXPECT_EQ(HumanCount(1234567), "1,234,567");
  EXPECT_EQ(HumanCount(-123456), "-123,456");
  EXPECT_EQ(HumanEnum("WORKER_STATE_BACKING_OFF", "WORKER_STATE_"), "backing off");
}

TEST(Printable, LetsNoEscapeSequenceThrough) {
  EXPECT_EQ(Printable("a\x1b[31mb\nc\td\x7f"), "a?[31mb?c d?");
  EXPECT_EQ(Printable("grün"), "grün");
}

}  // namespace
}  // namespace patchbay::cli
