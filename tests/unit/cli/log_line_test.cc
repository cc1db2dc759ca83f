#include "cli/log_line.h"

#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

TEST(LogLine, ShowsTimeLevelProcessEventAndFields) {
  EXPECT_EQ(
      FormatLogLine(
          R"({"ts":"2026-01-02T10:42:07.123456Z","level":"info","process":"accounts","event":"lease.settled","ms":12,"note":"two words"})",
          false),
      "10:42:07.123 info  accounts   lease.settled ms=12 note=\"two words\"");
}

TEST(LogLine, KeepsALineThatIsNotARecordButMakesItPrintable) {
  EXPECT_EQ(FormatLogLine("plain \x1b[31mtext", false), "plain ?[31mtext");
  EXPECT_EQ(FormatLogLine("[1]", false), "[1]");
}

TEST(LogLine, SurvivesRecordsWithMissingOrStrangeFields) {
  EXPECT_EQ(FormatLogLine(R"({"ts":5,"level":[],"event":"e"})", false), "                  e");
}

}  // namespace
}  // namespace patchbay::cli
