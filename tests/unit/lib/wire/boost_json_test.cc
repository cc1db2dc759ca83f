#include "lib/wire/boost_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace patchbay::wire
