#include "workers/frontend/dialects/common/request/strict_schema.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

boost::json::value Json(std::string_view text) { return *wire::ParseJson(text); }
boost::json::value Prepared(std::string_view schema) {
  const auto prepared = PrepareStrictSchema(schema);
  EXPECT_TRUE(prepared.ok());
  return Json(prepared->json);
}
void ExpectRestored(std::string_view schema, std::string_view answer, std::string_view wanted) {
  EXPECT_EQ(Json(RestoreAnswer(answer, schema)), Json(wanted)) << schema;
}

TEST(StrictSchema, LeavesAStrictSchemaByteForByte) {
  constexpr const char* kSchema =
      R"({ "type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false })";
  const auto prepared = PrepareStrictSchema(kSchema);
  EXPECT_EQ(prepared->json, kSchema);
  EXPECT_FALSE(prepared->changed);
  EXPECT_FALSE(prepared->restores);
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
    EXPECT_FALSE(PrepareStrictSchema(open)->restores);
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
  EXPECT_TRUE(PrepareStrictSchema(kSchema)->restores);
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
    ASSERT_TRUE(PrepareStrictSchema(schema).ok()) << schema;
    for (const char* answer : {"{}", "[]", "null", "5", R"({"a":{"b":[]}})"}) {
      EXPECT_TRUE(wire::ParseJson(RestoreAnswer(answer, schema)).ok()) << schema;
    }
  }
  EXPECT_EQ(RestoreAnswer("not json", "{}"), "not json");
  EXPECT_EQ(RestoreAnswer("[1e999]", "{}"), "[1e999]") << "it cannot be read, so it stays";
  EXPECT_FALSE(PrepareStrictSchema(R"({"minimum":1e999})").ok());
  EXPECT_FALSE(PrepareStrictSchema("[]").ok());
}

}  // namespace
}  // namespace patchbay::frontend
