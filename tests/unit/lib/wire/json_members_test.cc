#include "lib/wire/json_members.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

TEST(JsonMembers, AreReadFromWhateverIsThere) {
  const json document = ParseOrNothing(R"({"a":"x","b":{"c":2.5,"d":true},"e":null,"f":["a"]})");
  EXPECT_EQ(TextOf(document, "a"), "x");
  EXPECT_EQ(NumberOf(Member(Member(document, "b"), "c")), 2.5);
  EXPECT_EQ(BoolOf(Member(Member(document, "b"), "d")), true);
}

TEST(JsonMembers, AreNothingWhereThereAreNone) {
  for (const char* text : {"", "{", "null", "[]", "12", R"("a")", R"({"b":1})", R"({"a":{}})", R"({"a":7})"}) {
    const json document = ParseOrNothing(text);
    EXPECT_EQ(TextOf(document, "a"), "") << text;
    EXPECT_EQ(BoolOf(Member(document, "a")), std::nullopt) << text;
    EXPECT_EQ(TextOf(Member(Member(document, "a"), "a")), "") << text;
  }
  EXPECT_EQ(NumberOf(json("7")), std::nullopt);
}

TEST(JsonMembers, KeepTheirOwnOrderWhereItMatters) {
  EXPECT_EQ(Written(ParseOrNothing<ordered_json>(R"({"b":1,"a":2})")), R"({"b":1,"a":2})");
  EXPECT_EQ(Written(ParseOrNothing(R"({"b":1,"a":2})")), R"({"a":2,"b":1})");
}

TEST(JsonMembers, AreWrittenAsUtf8WhateverTheyHold) {
  EXPECT_EQ(Written(json("a\xff"
                         "b\n")),
            "\"a\xef\xbf\xbd"
            "b\\n\"");
}

}  // namespace
}  // namespace patchbay::wire
