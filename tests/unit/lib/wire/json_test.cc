#include "lib/wire/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

using ::testing::HasSubstr;

Result<void> Validate(std::string body, std::size_t depth = kMaxJsonDepth,
                      Duplicates duplicates = Duplicates::kReject) {
  return ValidateJson(body, depth, duplicates);
}

std::string Found(std::string body, std::string_view key) {
  const auto span = FindTopLevel(body, key);
  return span.ok() ? std::string(span->In(body)) : std::string(ToString(span.error().code));
}

TEST(ValidateJson, AcceptsValidDocuments) {
  for (const char* body : {"{}", "[]", " {\"a\": [1, 2.5e3, true, null, \"\\u00e9é\"]} \n", "1", "\"x\"",
                           "{\"big\": 123456789012345678901234567890, \"huge\": 1e400}"}) {
    EXPECT_TRUE(Validate(body).ok()) << body;
  }
}

TEST(ValidateJson, SaysWhereABrokenDocumentBreaks) {
  const auto checked = Validate("{\n  \"model\": \"x\",\n  \"a\": tru\n}");
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(checked.error().message, HasSubstr("line 3, column 8"));
  EXPECT_THAT(checked.error().where, HasSubstr("line 3"));
}

TEST(ValidateJson, RefusesBrokenDocuments) {
  for (const char* body : {"", " ", "{", "{\"a\"}", "{\"a\":1,}", "[1 2]", "{} {}", "nul", "{\"a\":\"\xff\"}",
                           "\"\\ud800\\u0020", "{'a':1}", "{\"a\":1}x", "[01]", "\"a\nb\""}) {
    EXPECT_FALSE(Validate(body).ok()) << body;
  }
}

TEST(ValidateJson, RefusesWhatIsTooDeep) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Validate(nested(100)).ok());
  EXPECT_FALSE(Validate(nested(130)).ok());
  EXPECT_FALSE(Validate(nested(1000000)).ok());
}

TEST(ValidateJson, RefusesRepeatedTopLevelKeysHoweverTheyAreWritten) {
  EXPECT_THAT(Validate(R"({"model":1,"x":2,"mod\u0065l":3})").error().message, HasSubstr("\"model\" more than once"));
  EXPECT_FALSE(Validate(R"({"a":1e400,"a":2})").ok());
  EXPECT_TRUE(Validate(R"({"a":1,"a":2})", kMaxJsonDepth, Duplicates::kAllow).ok());
  EXPECT_TRUE(Validate(R"({"a":{"b":1,"b":2}})").ok());
}

TEST(FindTopLevel, GivesTheBytesOfAValue) {
  const std::string body =
      R"( { "s" : "a\"}b" , "n":-1.5e3 ,"o" : {"s":"inner","x":[1]} , "a":[ {"s":1} ] ,"t":true, "z" : null } )";
  EXPECT_EQ(Found(body, "s"), R"("a\"}b")");
  EXPECT_EQ(Found(body, "n"), "-1.5e3");
  EXPECT_EQ(Found(body, "o"), R"({"s":"inner","x":[1]})");
  EXPECT_EQ(Found(body, "a"), R"([ {"s":1} ])");
  EXPECT_EQ(Found(body, "t"), "true");
  EXPECT_EQ(Found(body, "z"), "null");
  EXPECT_EQ(Found(body, "inner"), "not_found");
}

TEST(FindTopLevel, UnderstandsEscapedKeys) { EXPECT_EQ(Found(R"({"mod\u0065l":"x"})", "model"), "\"x\""); }

TEST(FindTopLevel, RefusesRepeatedKeysAndWhatIsNoObject) {
  EXPECT_EQ(Found(R"({"model":1,"mod\u0065l":2})", "model"), "invalid_argument");
  for (const char* body : {"", "[]", "1", "{\"a\":", "{\"a\":1} trailing", "{\"a\" 1}", "{\"a\":1"}) {
    EXPECT_EQ(Found(body, "model"), "invalid_argument") << body;
  }
}

TEST(TopLevelMembers, ListsMembersInOrder) {
  std::string body = R"({"b":1,"a":{"c":[2]},"":""})";
  const auto members = TopLevelMembers(body);
  ASSERT_TRUE(members.ok());
  ASSERT_EQ(members->size(), 3u);
  EXPECT_EQ((*members)[0].key, "b");
  EXPECT_EQ((*members)[1].value.In(body), R"({"c":[2]})");
  EXPECT_EQ((*members)[2].key, "");
  body = R"({"a":1,"b":2,"a":3})";
  EXPECT_FALSE(TopLevelMembers(body).ok());
}

TEST(SpliceTopLevel, ChangesNothingButTheValue) {
  EXPECT_EQ(*SpliceTopLevel("{ \"x\": 1.0,\n \"model\" : \"a\" , \"model2\":\"a\"}", "model", "\"longer-name\""),
            "{ \"x\": 1.0,\n \"model\" : \"longer-name\" , \"model2\":\"a\"}");
  EXPECT_EQ(SpliceTopLevel("{\"x\":1}", "model", "\"a\"").error().code, ErrorCode::kNotFound);
}

TEST(SpliceTopLevel, InsertsWhenAsked) {
  EXPECT_EQ(*SpliceTopLevel(" { \"x\":1}", "model", "\"a\"", IfMissing::kInsert), " {\"model\":\"a\", \"x\":1}");
  EXPECT_EQ(*SpliceTopLevel("{ }", "model", "\"a\"", IfMissing::kInsert), "{\"model\":\"a\" }");
}

TEST(SpliceTopLevel, HandlesABodyOfTenMegabytes) {
  std::string body = "{\"input\":\"" + std::string(10 << 20, 'x') + "\",\"model\":\"a\"}";
  const std::string expected = body.substr(0, body.size() - 4) + "\"b\"}";
  EXPECT_TRUE(ValidateJson(body).ok());
  EXPECT_TRUE(*SpliceTopLevel(std::move(body), "model", "\"b\"") == expected);
}

}  // namespace
}  // namespace patchbay::wire
