#include "lib/schema/tool_schema.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "lib/wire/boost_json.h"

namespace patchbay::schema {
namespace {

// What the mending of a tool's schema makes of it, and whether it says less then.
void ExpectMended(const std::string& schema, const std::string& wanted, bool loses) {
  boost::json::value mended = *wire::ParseJson(schema);
  const Mended said = MendToolSchema(mended);
  EXPECT_EQ(boost::json::serialize(mended), boost::json::serialize(*wire::ParseJson(wanted))) << schema;
  EXPECT_EQ(said.loses, loses) << schema;
  EXPECT_EQ(said.changed, mended != *wire::ParseJson(schema)) << schema;
  boost::json::value again = mended;
  EXPECT_FALSE(MendToolSchema(again).changed) << schema;
}

// The same for the schema of a property, wherever it may stand.
void ExpectInside(const std::string& schema, const std::string& wanted, bool loses) {
  for (const char* place : {R"({"type":"object","properties":{"a":@}})",
                            R"({"type":"object","properties":{"a":{"type":"array","items":@}}})",
                            R"({"type":"object","properties":{"a":{"anyOf":[@,{"type":"null"}]}}})",
                            R"({"type":"object","properties":{"a":{"type":"object","additionalProperties":@}}})",
                            R"({"type":"object","properties":{"a":{"$ref":"#/$defs/d"}},"$defs":{"d":@}})",
                            R"({"type":"object","properties":{"a":{"if":@}}})"}) {
    std::string before(place), after(place);
    before.replace(before.find('@'), 1, schema);
    after.replace(after.find('@'), 1, wanted);
    ExpectMended(before, after, loses);
  }
}

TEST(ToolSchema, StaysAsItIsWhereItIsFine) {
  for (
      const char* fine :
      {R"({"type":"object","properties":{}})",
       R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"type":"string","enum":["x"]},)"
       R"("b":{"type":["integer","null"],"minimum":0,"default":null},"c":{"$ref":"#/$defs/c"},"d":true},)"
       R"("required":["a"],"additionalProperties":false,"$defs":{"c":{"oneOf":[{"type":"string","format":"uri"},)"
       R"({"type":"array","items":{},"maxItems":2.0}]}},"x-order":["a"]})"}) {
    ExpectMended(fine, fine, false);
  }
}

TEST(ToolSchema, IsAnObjectWithProperties) {
  ExpectMended("{}", R"({"type":"object","properties":{}})", false);
  ExpectMended(R"({"properties":{"a":{}}})", R"({"properties":{"a":{}},"type":"object"})", false);
  ExpectMended(R"({"type":["object","null"],"properties":{}})", R"({"type":"object","properties":{}})", false);
  ExpectMended(R"({"type":"string"})", R"({"type":"object","properties":{}})", true);
  ExpectMended(R"({"type":"object","properties":null})", R"({"type":"object","properties":{}})", true);
  ExpectMended("[]", R"({"type":"object","properties":{}})", true);
}

TEST(ToolSchema, SaysWhatIsInAnArray) {
  ExpectInside(R"({"type":"array"})", R"({"type":"array","items":{}})", false);
  ExpectInside(R"({"type":["array","null"]})", R"({"type":["array","null"],"items":{}})", false);
  ExpectInside(R"({"type":"array","items":true})", R"({"type":"array","items":{}})", false);
  ExpectInside(R"({"type":"array","items":null})", R"({"type":"array","items":{}})", true);
  ExpectInside(R"({"type":"array","items":[{"type":"string"}]})",
               R"({"type":"array","items":{},"prefixItems":[{"type":"string"}]})", false);
  ExpectInside(R"({"type":"array","items":[],"additionalItems":{"type":"string"}})",
               R"({"type":"array","items":{"type":"string"}})", false);
  ExpectInside(R"({"type":"array","prefixItems":[{"type":"array"}]})",
               R"({"type":"array","prefixItems":[{"type":"array","items":{}}],"items":{}})", false);
}

TEST(ToolSchema, HasNoPatternThatNobodyReadsThere) {
  ExpectInside(R"({"type":"string","pattern":"^\\p{L}+$","maxLength":9})", R"({"type":"string","maxLength":9})", true);
  ExpectInside(R"({"type":"string","pattern":"^\\d+$"})", R"({"type":"string","pattern":"^\\d+$"})", false);
  ExpectInside(R"({"type":"object","patternProperties":{"\\p{L}":{},"^a":{"type":"array"}}})",
               R"({"type":"object","patternProperties":{"^a":{"type":"array","items":{}}}})", true);
}

TEST(ToolSchema, HasNoUnionAtItsRoot) {
  ExpectMended(
      R"({"description":"d","anyOf":[{"type":"object","properties":{"kind":{"const":"a"},"x":{"type":"array"}},"required":["kind","x"]},)"
      R"({"$ref":"#/$defs/b"}],"$defs":{"b":{"properties":{"kind":{"const":"b"},"y":{}},"required":["kind"]}}})",
      R"({"description":"d","$defs":{"b":{"properties":{"kind":{"const":"b"},"y":{}},"required":["kind"]}},"type":"object",)"
      R"("properties":{"kind":{"anyOf":[{"const":"a"},{"const":"b"}]},"x":{"type":"array","items":{}},"y":{}},"required":["kind"]})",
      true);
  ExpectMended(
      R"({"type":"object","properties":{"a":{},"b":{}},"required":["a"],"oneOf":[{"required":["a"]},{"required":["b"]}]})",
      R"({"type":"object","properties":{"a":{},"b":{}},"required":["a"]})", true);
  ExpectMended(
      R"({"allOf":[{"properties":{"a":{}},"required":["a"]},{"anyOf":[{"properties":{"b":{}},"required":["b"]}]}]})",
      R"({"type":"object","properties":{"a":{},"b":{}},"required":["a","b"]})", true);
  ExpectMended(R"({"type":"object","properties":{"a":{}},"not":{"required":["a"]}})",
               R"({"type":"object","properties":{"a":{}}})", true);
  ExpectMended(R"({"enum":[{"a":1}]})", R"({"type":"object","properties":{}})", true);
}

TEST(ToolSchema, IsNoReferenceAtItsRoot) {
  ExpectMended(
      R"({"$ref":"#/definitions/Args","definitions":{"Args":{"type":"object","properties":{"a":{"type":"array"}}}}})",
      R"({"definitions":{"Args":{"type":"object","properties":{"a":{"type":"array","items":{}}}}},)"
      R"("type":"object","properties":{"a":{"type":"array","items":{}}}})",
      false);
  ExpectMended(R"({"$ref":"#"})", R"({"type":"object","properties":{}})", true);
  ExpectMended(R"({"$ref":"https://x/y"})", R"({"type":"object","properties":{}})", true);
}

TEST(ToolSchema, SaysTypesByTheirNames) {
  ExpectInside(R"({"type":"STRING"})", R"({"type":"string"})", false);
  ExpectInside(R"({"type":"int"})", R"({"type":"integer"})", false);
  ExpectInside(R"({"type":["float","Double",7]})", R"({"type":["number"]})", false);
  ExpectInside(R"({"type":"list"})", R"({"type":"array","items":{}})", false);
  ExpectInside(R"({"type":"any"})", "{}", true);
  ExpectInside(R"({"type":[]})", "{}", true);
}

TEST(ToolSchema, HasNoKeywordWithoutAMeaning) {
  ExpectInside(R"({"type":"string","description":null,"title":7,"format":[]})", R"({"type":"string"})", true);
  ExpectInside(R"({"type":"string","required":true})", R"({"type":"string"})", true);
  ExpectInside(R"({"required":["a",1,"a"]})", R"({"required":["a"]})", false);
  ExpectInside(R"({"enum":[]})", "{}", true);
  ExpectInside(R"({"anyOf":[]})", "{}", true);
  ExpectInside(R"({"minLength":-1,"maxLength":"5","minItems":1.5,"multipleOf":0})", "{}", true);
  ExpectInside(R"({"properties":{"a":null}})", R"({"properties":{"a":{}}})", true);
  ExpectInside(R"({"$ref":"#/$defs/gone"})", "{}", true);
  ExpectInside(R"({"uniqueItems":"yes","dependentRequired":{"a":"b"}})", "{}", true);
}

// Draft 4.
TEST(ToolSchema, SaysLimitsAsNumbers) {
  ExpectInside(R"({"minimum":1,"exclusiveMinimum":true})", R"({"exclusiveMinimum":1})", false);
  ExpectInside(R"({"maximum":1,"exclusiveMaximum":false})", R"({"maximum":1})", false);
}

TEST(ToolSchema, EndsWhereSchemasDoNot) {
  std::string branches;
  for (int i = 0; i < 30; ++i) branches += R"({"$ref":"#"},)";
  boost::json::value circles = *wire::ParseJson(R"({"anyOf":[)" + branches + R"({"properties":{"a":{}}}]})");
  MendToolSchema(circles);
  EXPECT_TRUE(circles.at("properties").as_object().contains("a"));
  std::string names;
  for (int i = 0; i < 100'000; ++i) names += "\"n" + std::to_string(i) + "\",";
  boost::json::value many = *wire::ParseJson(R"({"type":"object","required":[)" + names + R"("n0"],"anyOf":[{}]})");
  MendToolSchema(many);
  EXPECT_EQ(many.at("required").as_array().size(), 100'000u);
}

TEST(AnySchema, MayHaveAnythingAtItsRoot) {
  boost::json::value schema = *wire::ParseJson(R"({"type":"array","anyOf":[{"type":"array"}]})");
  EXPECT_TRUE(MendSchema(schema).changed);
  EXPECT_EQ(schema, *wire::ParseJson(R"({"type":"array","anyOf":[{"type":"array","items":{}}],"items":{}})"));
}

}  // namespace
}  // namespace patchbay::schema
