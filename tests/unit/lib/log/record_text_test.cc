#include "lib/log/record_text.h"

#include <gtest/gtest.h>

namespace patchbay::log {
namespace {

constexpr std::string_view kOwn =
    R"({"ts":"2026-01-02T03:04:05.678901Z","level":"info","process":"frontend","event":"call","status":200,"why":"all is well","worker":"frontend","generation":1,"pid":2})";

TEST(RecordText, ShowsTimeLevelProcessEventAndFields) {
  EXPECT_EQ(RecordText(kOwn, false), R"(03:04:05.678 info  frontend   call status=200 why="all is well")");
}

TEST(RecordText, LeavesTimeAndLevelToALogThatHasPlacesForThem) {
  EXPECT_EQ(RecordMessage(kOwn), R"(frontend   call status=200 why="all is well")");
}

TEST(RecordText, SaysWhichWorkerTheSupervisorSpeaksOf) {
  EXPECT_EQ(
      RecordText(
          R"({"ts":"2026-01-02T03:04:05.678901Z","level":"warn","process":"patchbayd","event":"worker.exited","worker":"frontend","pid":2})",
          false),
      "03:04:05.678 warn  patchbayd  worker.exited worker=frontend pid=2");
}

TEST(RecordText, ColoursOnlyWhenAsked) {
  constexpr std::string_view kRecord = R"({"ts":"t","level":"error","process":"p","event":"e"})";
  EXPECT_EQ(RecordText(kRecord, false).find('\x1b'), std::string::npos);
  EXPECT_NE(RecordText(kRecord, true).find("\x1b[31merror\x1b[0m"), std::string::npos);
}

TEST(RecordText, GivesATerminalNoOrders) {
  const std::string text =
      RecordText(R"({"ts":"t","level":"info","process":"p","event":"e","text":"\u001b[2Jwiped\u0007"})", false);
  EXPECT_EQ(text, "t info  p          e text=?[2Jwiped?");
  EXPECT_EQ(RecordText("plain \x1b[31mtext", true), "plain ?[31mtext");
}

TEST(RecordText, LeavesWhatIsNoRecordAsItIs) {
  EXPECT_EQ(RecordText("[1]", true), "[1]");
  EXPECT_EQ(RecordMessage("hello"), "hello");
}

TEST(RecordText, SurvivesMissingAndStrangeFields) {
  EXPECT_EQ(RecordText(R"({"ts":5,"level":[],"event":"e"})", false), "                  e");
}

}  // namespace
}  // namespace patchbay::log
