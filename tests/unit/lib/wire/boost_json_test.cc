#include "lib/wire/boost_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>

namespace patchbay::wire {
namespace {

using ::testing::HasSubstr;

TEST(ParseJson, ParsesADocument) {
  const auto parsed = ParseJson(R"( {"a":{"b":"c"}} )");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(FindString(*FindMember(*parsed, "a"), "b"), "c");
  EXPECT_EQ(FindMember(*parsed, "z"), nullptr);
  EXPECT_EQ(FindString(*parsed, "a"), "");
}

// Two parsers share the work: whichever reads a text, its values are of the same kinds.
TEST(ParseJson, ReadsWhatBoostReads) {
  for (const char* text : {"0",
                           "-0",
                           "-0.0",
                           "1e2",
                           "4096.0",
                           "0.1",
                           "1E400",
                           "-1e400",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-9223372036854775809",
                           "null",
                           "true",
                           "false",
                           R"("")",
                           R"("\u00e4\ud83d\ude00\u0000\n\/")",
                           "[]",
                           "{}",
                           " [ 1 , [ ] , { } ] ",
                           R"({"a":1,"b":[],"a":{}})",
                           R"(["\ud800"])",
                           R"(["\udc00"])",
                           "\xef\xbb\xbf{}",
                           "[1,]",
                           "01",
                           "1.",
                           "-",
                           "nul",
                           "[\"\t\"]",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           "{\"a\" 1}"}) {
    boost::json::error_code code;
    const boost::json::value wanted = boost::json::parse(text, code);
    const auto parsed = ParseJson(text);
    ASSERT_EQ(parsed.ok(), !code) << text;
    if (code) continue;
    EXPECT_EQ(parsed->kind(), wanted.kind()) << text;
    EXPECT_EQ(boost::json::serialize(*parsed), boost::json::serialize(wanted)) << text;
  }
}

// Digits that a double can tell apart are not lost on the way.
TEST(ParseJson, ReadsDoublesExactly) {
  for (const double number : {2.2250738585072009e-308, 1.7976931348623157e308, 0.30000000000000004, 5e-324}) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    EXPECT_EQ(ParseJson(std::string_view(text, end))->get_double(), number) << text;
  }
}

TEST(JsonDocument, ReadsWhatParseJsonReadsAndRefusesWhatItRefuses) {
  const std::string list =
      "[" + std::string(5000, '1') + R"(,{"a":["\u00e4 longer than what fits into a small string",null,true,2]}])";
  for (const std::string& text : {std::string("7"), std::string(R"( {"a":{"b":"c"}} )"), list}) {
    const auto document = JsonDocument::Parse(text);
    ASSERT_TRUE(document.ok()) << text;
    EXPECT_EQ(document->root(), *ParseJson(text));
  }
  for (const char* text : {"", "[1", "{} x", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(JsonDocument::Parse(text).error().message, ParseJson(text).error().message);
  }
  EXPECT_FALSE(JsonDocument::Parse("[[[]]]", 2).ok());
}

TEST(JsonDocument, KeepsItsValuesWhenItMoves) {
  auto parsed = JsonDocument::Parse(R"({"a":["words that do not fit into a small string"]})");
  ASSERT_TRUE(parsed.ok());
  const JsonDocument document = std::move(*parsed);
  EXPECT_EQ(boost::json::serialize(document.root()), R"({"a":["words that do not fit into a small string"]})");
}

TEST(ParseJson, SaysWhereItStopped) {
  const auto parsed = ParseJson("{\"a\": 1,\n \"b\" 2}");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(parsed.error().message, HasSubstr("line 2, column 6 (byte 14)"));
}

TEST(ParseJson, RefusesTrailingTextIncompleteTextAndDepth) {
  EXPECT_THAT(ParseJson("{} x").error().message, HasSubstr("line 1, column 4"));
  EXPECT_FALSE(ParseJson("").ok());
  EXPECT_FALSE(ParseJson("[1").ok());
  EXPECT_FALSE(ParseJson("{\"a\":\"\xff\"}").ok());
  EXPECT_FALSE(ParseJson(std::string(200, '[') + std::string(200, ']')).ok());
  EXPECT_TRUE(ParseJson(std::string(100, '[') + std::string(100, ']')).ok());
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  EXPECT_TRUE(ParseJson(nested(kMaxJsonDepth)).ok());
  EXPECT_FALSE(ParseJson(nested(kMaxJsonDepth + 1)).ok());
}

}  // namespace
}  // namespace patchbay::wire
