#include "workers/upstream/dialects/common/strict_schema.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "workers/upstream/dialects/common/answer_shape.h"

namespace patchbay::upstream {
namespace {

boost::json::value Json(std::string_view text) { return *wire::ParseJson(text); }
boost::json::value Prepared(std::string_view schema) {
  boost::json::value made = Json(schema);
  MakeStrict(made);
  return made;
}
MadeStrict Made(std::string_view schema) {
  boost::json::value made = Json(schema);
  return MakeStrict(made);
}
void ExpectRestored(std::string_view schema, std::string_view answer, std::string_view wanted) {
  EXPECT_EQ(Json(RestoreShape(answer, schema)), Json(wanted)) << schema;
}

TEST(StrictSchema, LeavesAStrictSchemaAlone) {
  constexpr const char* kSchema =
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
  EXPECT_EQ(Prepared(kSchema), Json(kSchema));
  EXPECT_FALSE(Made(kSchema).changed);
  EXPECT_FALSE(Made(kSchema).restores);
}

TEST(StrictSchema, ClosesObjectsEverywhere) {
  constexpr const char* kOpen = R"({"type":"object","properties":{"x":{"type":"string"}},"required":["x"]})";
  constexpr const char* kClosed =
      R"({"type":"object","properties":{"x":{"type":"string"}},"required":["x"],"additionalProperties":false})";
  for (const char* place :
       {R"({"type":"array","items":@})", R"({"anyOf":[@,{"type":"null"}]})", R"({"$defs":{"d":@},"$ref":"#/$defs/d"})",
        R"({"definitions":{"d":{"type":"array","items":{"allOf":[@]}}}})"}) {
    std::string open(place), closed(place);
    open.replace(open.find('@'), 1, kOpen);
    closed.replace(closed.find('@'), 1, kClosed);
    EXPECT_EQ(Prepared(open), Json(closed));
    EXPECT_FALSE(Made(open).restores);
  }
}

TEST(StrictSchema, SaysNullableInOneWay) {
  EXPECT_EQ(Prepared(R"({"type":"string","nullable":true})"), Json(R"({"type":["string","null"]})"));
  EXPECT_EQ(Prepared(R"({"type":"string","nullable":false})"), Json(R"({"type":"string"})"));
  EXPECT_EQ(Prepared(R"({"type":"string","enum":["a"],"nullable":true})"),
            Json(R"({"type":["string","null"],"enum":["a",null]})"));
  EXPECT_EQ(Prepared(R"({"anyOf":[{"type":"string"},{"type":"null"}],"nullable":true})"),
            Json(R"({"anyOf":[{"type":"string"},{"type":"null"}]})"));
  EXPECT_EQ(Prepared(R"({"$ref":"#/$defs/x","nullable":true})"),
            Json(R"({"anyOf":[{"$ref":"#/$defs/x"},{"type":"null"}]})"));
}

TEST(StrictSchema, RequiresWhatIsOptionalAndLeavesItsNullOut) {
  constexpr const char* kSchema =
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"]},"c":{"$ref":"#/$defs/c"}},)"
      R"("required":["a"],"$defs":{"c":{"type":"object","properties":{"d":{"type":"string","nullable":true}}}}})";
  EXPECT_EQ(
      Prepared(kSchema),
      Json(
          R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"]},)"
          R"("c":{"anyOf":[{"$ref":"#/$defs/c"},{"type":"null"}]}},"required":["a","b","c"],"additionalProperties":false,)"
          R"("$defs":{"c":{"type":"object","properties":{"d":{"type":["string","null"]}},"required":["d"],"additionalProperties":false}}})"));
  EXPECT_TRUE(Made(kSchema).restores);
  ExpectRestored(kSchema, R"({"a":"x","b":null,"c":null})", R"({"a":"x","b":null})");
  ExpectRestored(kSchema, R"({"a":"x","b":1,"c":{"d":null}})", R"({"a":"x","b":1,"c":{"d":null}})");
}

TEST(StrictSchema, MakesTuplesObjectsAndBack) {
  constexpr const char* kTuple =
      R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"minItems":2})";
  EXPECT_EQ(
      Prepared(kTuple),
      Json(
          R"({"type":"object","properties":{"0":{"type":"string"},"1":{"type":"integer"}},"required":["0","1"],"additionalProperties":false})"));
  ExpectRestored(kTuple, R"({"0":"a","1":2})", R"(["a",2])");
  ExpectRestored(R"({"type":"array","items":[{"type":"string"}]})", R"({"0":"a"})", R"(["a"])");
  const std::string tuple(kTuple);
  ExpectRestored(R"({"type":"object","properties":{"p":)" + tuple + R"(},"required":["p"]})",
                 R"({"p":{"1":2,"0":"a"}})", R"({"p":["a",2]})");
  ExpectRestored(R"({"type":"array","items":)" + tuple + "}", R"([{"0":"a","1":2},{"0":"b","1":3}])",
                 R"([["a",2],["b",3]])");
  ExpectRestored(R"({"$defs":{"t":)" + tuple + R"(},"anyOf":[{"type":"null"},{"$ref":"#/$defs/t"}]})",
                 R"({"0":"a","1":2})", R"(["a",2])");
  ExpectRestored(R"({"type":"array","prefixItems":[)" + tuple + R"(,{"type":"null"}]})",
                 R"({"0":{"0":"a","1":2},"1":null})", R"([["a",2],null])");
  // Not what was asked for stays as it is.
  ExpectRestored(kTuple, R"({"0":"a"})", R"({"0":"a"})");
}

TEST(StrictSchema, TellsBranchesOfAUnionApart) {
  constexpr const char* kSchema =
      R"({"anyOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"string"}},"required":["kind"]},)"
      R"({"type":"object","properties":{"kind":{"const":"b"},"x":{"type":["string","null"]}},"required":["kind"]}]})";
  ExpectRestored(kSchema, R"({"kind":"a","x":null})", R"({"kind":"a"})");
  ExpectRestored(kSchema, R"({"kind":"b","x":null})", R"({"kind":"b","x":null})");
}

TEST(StrictSchema, SurvivesWhatMakesNoSense) {
  for (const char* schema : {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})",
                             R"({"anyOf":[{"$ref":"#"}],"oneOf":[{"$ref":"#"}]})",
                             R"({"items":{"$ref":"#"},"properties":{"a":{"$ref":"#"}}})", R"({"$ref":"#/nowhere"})",
                             R"({"$ref":"https://example.com/x"})", R"({"properties":5,"required":7})",
                             R"({"type":7,"items":7,"anyOf":7,"prefixItems":7,"nullable":"x"})", R"({"items":[]})",
                             R"({"properties":{"a":true},"required":["a"]})"}) {
    EXPECT_TRUE(Prepared(schema).is_object()) << schema;
    for (const char* answer : {"{}", "[]", "null", "5", R"({"a":{"b":[]}})"}) {
      EXPECT_TRUE(wire::ParseJson(RestoreShape(answer, schema)).ok()) << schema;
    }
  }
  EXPECT_EQ(RestoreShape("not json", "{}"), "not json");
  EXPECT_EQ(RestoreShape("[1e999]", "{}"), "[1e999]") << "it cannot be read, so it stays";
}

TEST(StrictSchema, CanSayOnlySoMuch) {
  for (const char* schema :
       {R"({"type":"object","properties":{"a":{"type":"string","format":"uuid"}}})",
        R"({"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"anyOf":[{"type":"null"}]}}})",
        R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"integer","minimum":1}}}})"}) {
    EXPECT_TRUE(CanBeStrict(Json(schema))) << schema;
  }
  for (const char* schema :
       {R"({"type":"object"})", R"({"type":"object","properties":{},"additionalProperties":{"type":"string"}})",
        R"({"type":"object","properties":{"a":{}}})", R"({"type":"object","properties":{"a":{"enum":["x"]}}})",
        R"({"type":"object","properties":{"a":{"type":"array"}}})",
        R"({"type":"object","properties":{"a":{"type":"string","minLength":1}}})",
        R"({"type":"object","properties":{"a":{"type":"string","format":"uri"}}})",
        R"j({"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)"}}})j",
        R"({"oneOf":[{"type":"object","properties":{}}]})"}) {
    EXPECT_FALSE(CanBeStrict(Json(schema))) << schema;
  }
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 11; ++i) deep = R"({"type":"object","properties":{"a":)" + deep + "}}";
  EXPECT_FALSE(CanBeStrict(Json(deep)));
  std::string wide;
  for (int i = 0; i <= 5000; ++i) wide += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + R"(":{"type":"string"})";
  EXPECT_FALSE(CanBeStrict(Json(R"({"type":"object","properties":{)" + wide + "}}")));
}

TEST(WrappedRoot, IsAnObjectWithTheDefinitionsBesideIt) {
  boost::json::value schema = Json(R"({"type":"array","items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"null"}}})");
  EXPECT_TRUE(WrapRoot(schema));
  EXPECT_EQ(schema,
            Json(R"({"type":"object","$defs":{"a":{"type":"null"}},)"
                 R"("properties":{"value":{"type":"array","items":{"$ref":"#/$defs/a"}}},"required":["value"]})"));
  EXPECT_FALSE(WrapRoot(schema));
}

}  // namespace
}  // namespace patchbay::upstream
