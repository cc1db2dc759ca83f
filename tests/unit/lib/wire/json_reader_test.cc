#include "lib/wire/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace patchbay::wire {
namespace {

using ::testing::ElementsAre;

// The members of an object, each read by `read`.
template <class Read>
auto Members(std::string_view json, Read read) {
  std::map<std::string, decltype(read(std::declval<JsonValue&>()))> members;
  JsonReader reader(json);
  EXPECT_TRUE(reader.ForEachMember([&](std::string_view key, JsonValue value) { members.emplace(key, read(value)); }))
      << json;
  return members;
}

std::string TextIn(std::string_view json) {
  return Members(json, [](JsonValue& value) { return std::string(value.Text()); }).at("x");
}

TEST(JsonReader, UnescapesTextAndKeys) {
  EXPECT_EQ(TextIn(R"({"\u0078":"a\n\"\u00e9\ud83d\ude00"})"), "a\n\"\xc3\xa9\xf0\x9f\x98\x80");
}

TEST(JsonReader, HasNoTextInWhatIsNone) {
  for (const char* json : {R"({"x":1})", R"({"x":null})", R"({"x":["a"]})", R"({"x":{"y":"a"}})"}) {
    EXPECT_EQ(TextIn(json), "") << json;
  }
}

// A delta may be cut between the halves of a pair.
TEST(JsonReader, ReplacesHalfACharacter) {
  EXPECT_EQ(TextIn(R"({"x":"a\ud83d"})"), "a\xef\xbf\xbd");
  EXPECT_EQ(TextIn(R"({"x":"\ude00b"})"),
            "\xef\xbf\xbd"
            "b");
  EXPECT_EQ(TextIn(R"({"x":"\ud83d\u0041\t"})"),
            "\xef\xbf\xbd"
            "A\t");
}

TEST(JsonReader, ReadsNumbersAlsoFromText) {
  const auto numbers = Members(R"({"a":1.5,"b":"2.5","c":-3,"d":"4s","e":"","f":true})",
                               [](JsonValue& value) { return value.Number(); });
  EXPECT_EQ(numbers.at("a"), 1.5);
  EXPECT_EQ(numbers.at("b"), 2.5);
  EXPECT_EQ(numbers.at("c"), -3);
  for (const char* key : {"d", "e", "f"}) EXPECT_EQ(numbers.at(key), std::nullopt) << key;
}

TEST(JsonReader, ReadsWholeNumbersOrTheFallback) {
  const auto numbers =
      Members(R"({"a":9007199254740993,"b":2.0,"c":1e300,"d":"7"})", [](JsonValue& value) { return value.Int(-1); });
  EXPECT_EQ(numbers.at("a"), 9007199254740993);
  EXPECT_EQ(numbers.at("b"), 2);
  EXPECT_EQ(numbers.at("c"), -1);
  EXPECT_EQ(numbers.at("d"), -1);
}

TEST(JsonReader, ReadsTruthAndNothingElseAsTruth) {
  const auto flags = Members(R"({"a":true,"b":false,"c":1})", [](JsonValue& value) { return value.Bool(); });
  EXPECT_EQ(flags.at("a"), true);
  EXPECT_EQ(flags.at("b"), false);
  EXPECT_EQ(flags.at("c"), std::nullopt);
}

TEST(JsonReader, HandsOutNestedValuesAsTheirText) {
  const char* json = R"({"a":{"b":[1, 2]},"c":[ {} ],"d": "q" ,"e": 12 })";
  const auto raw = Members(json, [](JsonValue& value) { return std::string(value.Raw()); });
  EXPECT_EQ(raw.at("a"), R"({"b":[1, 2]})");
  EXPECT_EQ(raw.at("c"), "[ {} ]");
  EXPECT_EQ(raw.at("d"), R"("q")");
  EXPECT_EQ(raw.at("e"), "12");
  const auto objects = Members(json, [](JsonValue& value) { return std::string(value.RawObject()); });
  EXPECT_EQ(objects.at("a"), R"({"b":[1, 2]})");
  EXPECT_EQ(objects.at("c"), "");
  const auto arrays = Members(json, [](JsonValue& value) { return std::string(value.RawArray()); });
  EXPECT_EQ(arrays.at("a"), "");
  EXPECT_EQ(arrays.at("c"), "[ {} ]");
}

TEST(JsonReader, VisitsElementsInOrder) {
  std::vector<std::string> seen;
  JsonReader reader(R"(["a", 2, {"b": 3}])");
  EXPECT_TRUE(reader.ForEachElement([&](JsonValue value) { seen.emplace_back(value.Raw()); }));
  EXPECT_THAT(seen, ElementsAre(R"("a")", "2", R"({"b": 3})"));
}

TEST(JsonReader, SkipsWhatNobodyReads) {
  std::vector<std::string> keys;
  JsonReader reader(R"({"a":{"deep":[1,{"x":2}]},"b":[3],"c":4})");
  EXPECT_TRUE(reader.ForEachMember([&](std::string_view key, JsonValue) { keys.emplace_back(key); }));
  EXPECT_THAT(keys, ElementsAre("a", "b", "c"));
}

TEST(JsonReader, SaysWhenTheTextIsNoObjectOrNoArray) {
  const auto nothing = [](auto&&...) {};
  for (const char* text : {"", " ", "null", "[]", "12", R"("x")", "{", R"({"a")", R"({"a":1)", "}"}) {
    EXPECT_FALSE(JsonReader(text).ForEachMember(nothing)) << text;
  }
  for (const char* text : {"", "{}", "[", "[1", "]"}) EXPECT_FALSE(JsonReader(text).ForEachElement(nothing)) << text;
}

TEST(JsonReader, ReadsWithinItsOwnVisit) {
  std::string inner;
  JsonReader outer(R"({"a":{"b":"deep"}})");
  outer.ForEachMember([&](std::string_view, JsonValue value) {
    JsonReader nested(value.RawObject());
    nested.ForEachMember([&](std::string_view, JsonValue text) { inner = text.Text(); });
  });
  EXPECT_EQ(inner, "deep");
}

}  // namespace
}  // namespace patchbay::wire
