#include "workers/upstream/dialects/common/fit_schemas.h"

#include <gmock/gmock.h>

#include "lib/wire/boost_json.h"
#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Schemas : public ::testing::Test {
 protected:
  // What becomes of a tool's schema.
  std::string Tool(const std::string& schema, bool strict = false) {
    inference::v1::GenerateRequest request;
    auto& function = *request.add_tools()->mutable_function();
    function.set_name("get.weather");
    function.set_parameters_json(schema);
    if (strict) function.set_strict(true);
    EXPECT_TRUE(FitSchemas(request, rules_, plan_, notes_).ok());
    strict_ = request.tools(0).function().strict();
    return request.tools(0).function().parameters_json();
  }
  // What becomes of an answer's schema.
  std::string Format(const std::string& schema, bool strict = false) {
    inference::v1::GenerateRequest request;
    auto& format = *request.mutable_output_format();
    format.set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
    format.set_schema_json(schema);
    if (strict) format.set_strict(true);
    EXPECT_TRUE(FitSchemas(request, rules_, plan_, notes_).ok());
    strict_ = request.output_format().strict();
    return request.output_format().schema_json();
  }

  AnswerPlan plan_;
  FitNotes notes_;
  bool strict_ = false;
  SchemaRules rules_ = SchemaRules::kOpenAi;
};

TEST_F(Schemas, OfToolsStayByteForByteWhereTheyAreFine) {
  constexpr const char* kFine = R"({ "type":"object", "properties":{"a":{"type":"array","items":{}}} })";
  EXPECT_EQ(Tool(kFine), kFine);
  EXPECT_THAT(notes_.repaired, IsEmpty());
}

TEST_F(Schemas, OfToolsAreMendedAndNamedWhereTheySayLess) {
  EXPECT_EQ(Tool(R"({"type":"object","properties":{"a":{"type":"array"}}})"),
            R"({"type":"object","properties":{"a":{"type":"array","items":{}}}})");
  EXPECT_THAT(notes_.repaired, IsEmpty()) << "it says the same as before";
  EXPECT_EQ(Tool(R"({"type":"object","properties":{"a":{"type":"string","pattern":"\\p{L}"}}})"),
            R"({"type":"object","properties":{"a":{"type":"string"}}})");
  EXPECT_THAT(notes_.repaired, ElementsAre("tool_schema:get.weather")) << "by the client's name";
}

TEST_F(Schemas, OfStrictToolsAreClosed) {
  EXPECT_EQ(Tool(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})", true),
            R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})");
  EXPECT_TRUE(strict_);
  EXPECT_THAT(notes_.ignored, IsEmpty());
}

TEST_F(Schemas, OfToolsThatCannotBeStrictAreNot) {
  for (
      const char* schema :
      {R"({"type":"object","properties":{"a":{"type":"string"}}})",
       R"({"type":"object","properties":{},"additionalProperties":true})",
       R"({"type":"object","properties":{"a":{"type":"array","prefixItems":[{"type":"string"}]}},"required":["a"]})"}) {
    notes_ = {};
    Tool(schema, true);
    EXPECT_FALSE(strict_) << schema;
    EXPECT_THAT(notes_.ignored, ElementsAre("tools.strict")) << schema;
  }
}

TEST_F(Schemas, OfAnswersAreLeftToProvidersThatMindToolsAlone) {
  rules_ = SchemaRules::kTools;
  EXPECT_EQ(Format(R"({"type":"array"})", true), R"({"type":"array"})");
  EXPECT_TRUE(strict_);
  EXPECT_EQ(Tool(R"({"type":"object","properties":{"a":{"type":"array"}}})", true),
            R"({"type":"object","properties":{"a":{"type":"array","items":{}}}})");
  EXPECT_FALSE(strict_);
  EXPECT_THAT(notes_.ignored, ElementsAre("tools.strict"));
  rules_ = SchemaRules::kAny;
  EXPECT_EQ(Tool(R"({"anyOf":[]})", true), R"({"anyOf":[]})");
}

TEST_F(Schemas, OfAnswersAreMadeStrictAndRemembered) {
  const std::string made = Format(R"({"type":"object","properties":{"a":{"type":"string"}}})", true);
  EXPECT_EQ(*wire::ParseJson(made),
            *wire::ParseJson(R"({"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],)"
                             R"("additionalProperties":false})"));
  EXPECT_TRUE(strict_);
  EXPECT_EQ(plan_.schema_json, R"({"type":"object","properties":{"a":{"type":"string"}}})");
  EXPECT_FALSE(plan_.unwraps);
  EXPECT_THAT(notes_.repaired, ElementsAre("strict_schema"));
}

TEST_F(Schemas, OfAnswersHaveAnObjectAtTheirRoot) {
  EXPECT_EQ(
      Format(R"({"type":"array","items":{"type":"string"}})"),
      R"({"type":"object","properties":{"value":{"type":"array","items":{"type":"string"}}},"required":["value"]})");
  EXPECT_TRUE(plan_.unwraps);
  EXPECT_TRUE(plan_.schema_json.empty());
}

TEST_F(Schemas, OfAnswersThatStrictModeCannotSayAreAskedForAllTheSame) {
  constexpr const char* kMap = R"({"type":"object","additionalProperties":{"type":"string"}})";
  EXPECT_EQ(Format(kMap, true), kMap);
  EXPECT_FALSE(strict_);
  EXPECT_FALSE(plan_.reshapes());
  EXPECT_THAT(notes_.ignored, ElementsAre("output_format.strict"));
}

TEST_F(Schemas, ThatAreNoObjectsAreTheClientsFault) {
  for (const char* schema : {"[]", "true", "{", R"({"minimum":1e999})"}) {
    inference::v1::GenerateRequest request;
    request.add_tools()->mutable_function()->set_name("f");
    request.mutable_tools(0)->mutable_function()->set_parameters_json(schema);
    const auto fitted = FitSchemas(request, rules_, plan_, notes_);
    ASSERT_FALSE(fitted.ok()) << schema;
    EXPECT_EQ(fitted.error().where, "tools.f.parameters");
    EXPECT_EQ(fitted.error().origin, Origin::kClient);
  }
}

}  // namespace
}  // namespace patchbay::upstream
