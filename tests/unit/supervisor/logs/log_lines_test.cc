#include "supervisor/logs/log_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace patchbay::supervisor {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

const LogSource kSource{"frontend", 3, 4711};

std::string Make(const std::string& line) {
  return RecordMaker(kSource).Make(line, [] { return std::string("now"); });
}

std::vector<std::string> Split(const std::vector<std::string>& chunks) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  for (const std::string& chunk : chunks) splitter.Feed(chunk, take);
  splitter.Finish(take);
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesForAnySplit) {
  const std::string text = "one\ntwo\n\nthree, without an end";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    EXPECT_THAT(Split({text.substr(0, at), text.substr(at)}), ElementsAre("one", "two", "", "three, without an end"));
  }
}

TEST(LineSplitter, CutsALineThatNeverEnds) {
  const std::string endless(LineSplitter::kLineBytesMax * 2 + 10, 'x');
  const auto lines = Split({endless.substr(0, 1000), endless.substr(1000), "\nnext\n"});
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].size(), LineSplitter::kLineBytesMax);
  EXPECT_EQ(lines[1].size(), LineSplitter::kLineBytesMax);
  EXPECT_EQ(lines[2].size(), 10u);
  EXPECT_EQ(lines[3], "next");
}

TEST(RecordMaker, KeepsARecordOfOursAndAddsWhoWroteIt) {
  const std::string line =
      R"({"ts":"2026-01-02T03:04:05.678901Z","level":"info","process":"frontend","event":"x","ms":12})";
  const std::string record = Make(line);
  EXPECT_TRUE(record.starts_with(line.substr(0, line.size() - 1)));
  const json parsed = json::parse(record);
  EXPECT_EQ(parsed["worker"], "frontend");
  EXPECT_EQ(parsed["generation"], 3);
  EXPECT_EQ(parsed["pid"], 4711);
  EXPECT_EQ(parsed["ms"], 12);
}

TEST(RecordMaker, AddsNoFieldTwice) {
  const std::string record = Make(R"({"ts":"t","level":"info","process":"p","event":"e","pid":1,"generation":9})");
  EXPECT_EQ(record,
            R"({"ts":"t","level":"info","process":"p","event":"e","pid":1,"generation":9,"worker":"frontend"})");
}

TEST(RecordMaker, TakesNoTextForAField) {
  const json parsed = json::parse(Make(R"({"ts":"t","level":"info","process":"p","event":"e","text":"\"pid\":1"})"));
  EXPECT_EQ(parsed["pid"], 4711);
}

TEST(RecordMaker, WrapsWhatIsNotARecord) {
  for (const std::string line : {"terminate called", R"({"ts":"t","broken)", R"({"level":"info"})",
                                 R"({"ts": nonsense})", R"({"ts":"t"} {"ts":"t"})", "{\"ts\":\"\xff\"}", "\xff\xfe"}) {
    const json parsed = json::parse(Make(line));
    EXPECT_EQ(parsed["level"], "warn");
    EXPECT_EQ(parsed["event"], "output");
    EXPECT_EQ(parsed["ts"], "now");
    EXPECT_EQ(parsed["worker"], "frontend");
    EXPECT_TRUE(parsed.contains("text"));
  }
}

}  // namespace
}  // namespace patchbay::supervisor
