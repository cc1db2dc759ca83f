#include "tests/sim/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

using testing::HasSubstr;

constexpr Caller kCaller{"account-1", false};

// "400 {…}" or "accepted".
std::string Verdict(const json::value& request, const Caller& caller = kCaller) {
  const auto refusal = Validate(request, caller);
  return refusal ? std::to_string(refusal->status) + " " + refusal->body : "accepted";
}

std::string VerdictWith(std::string_view key, const json::value& value) {
  json::object body = MinimalBody();
  body[json::string_view(key.data(), key.size())] = value;
  return Verdict(body);
}

std::string VerdictWithout(std::string_view key) {
  json::object body = MinimalBody();
  body.erase(json::string_view(key.data(), key.size()));
  return Verdict(body);
}

std::string VerdictOnInput(std::string_view items) { return VerdictWith("input", Items(items)); }

TEST(Validate, AcceptsTheMinimalBody) { EXPECT_EQ(Verdict(MinimalBody()), "accepted"); }

TEST(Validate, InsistsOnStreamingWithoutStoring) {
  EXPECT_EQ(VerdictWith("store", true), R"(400 {"detail":"Store must be set to false"})");
  EXPECT_EQ(VerdictWithout("store"), R"(400 {"detail":"Store must be set to false"})");
  EXPECT_EQ(VerdictWith("stream", false), R"(400 {"detail":"Stream must be set to true"})");
  EXPECT_EQ(VerdictWithout("stream"), R"(400 {"detail":"Stream must be set to true"})");
}

TEST(Validate, InsistsOnInstructionsAndAListOfInput) {
  EXPECT_EQ(VerdictWithout("instructions"), R"(400 {"detail":"Instructions are required"})");
  EXPECT_EQ(VerdictWith("instructions", ""), R"(400 {"detail":"Instructions are required"})");
  EXPECT_EQ(VerdictWith("input", "Hello"), R"(400 {"detail":"Input must be a list"})");
  EXPECT_THAT(VerdictWith("input", json::array()), HasSubstr("missing_required_parameter"));
}

TEST(Validate, RefusesEveryParameterOfThePublicApiThatTheBackendDoesNotKnow) {
  for (const char* name :
       {"max_output_tokens", "max_completion_tokens",  "max_tokens", "temperature",  "top_p",
        "presence_penalty",  "frequency_penalty",      "seed",       "stop",         "n",
        "logprobs",          "top_logprobs",           "metadata",   "user",         "safety_identifier",
        "truncation",        "prompt_cache_retention", "background", "conversation", "prompt",
        "max_tool_calls",    "previous_response_id",   "generate"}) {
    EXPECT_EQ(VerdictWith(name, 1), std::string(R"(400 {"detail":"Unsupported parameter: )") + name + "\"}");
  }
}

TEST(Validate, RefusesUnknownModels) {
  EXPECT_EQ(VerdictWith("model", "gpt-4o"),
            R"(400 {"detail":"The 'gpt-4o' model is not supported when using Codex with a ChatGPT account."})");
}

TEST(Validate, RefusesUnknownEnumValues) {
  EXPECT_THAT(VerdictWith("reasoning", {{"effort", "ultra"}}),
              HasSubstr(R"("param":"reasoning.effort","code":"invalid_value")"));
  EXPECT_THAT(VerdictWith("include", {"everything"}), HasSubstr(R"("param":"include[0]")"));
  EXPECT_THAT(VerdictWith("stream_options", {{"include_usage", true}}),
              HasSubstr("Unknown parameter: 'stream_options.include_usage'."));
}

TEST(Validate, RefusesSystemMessages) {
  EXPECT_EQ(VerdictOnInput(R"([{"type":"message","role":"system","content":[{"type":"input_text","text":"x"}]}])"),
            R"(400 {"detail":"System messages are not allowed"})");
}

TEST(Validate, TellsInputPartsFromOutputParts) {
  EXPECT_THAT(VerdictOnInput(R"([{"type":"message","role":"assistant","content":[{"type":"input_text","text":"x"}]}])"),
              HasSubstr("Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."));
  EXPECT_THAT(VerdictOnInput(R"([{"type":"message","role":"user","content":[{"type":"output_text","text":"x"}]}])"),
              HasSubstr("Invalid value: 'output_text'."));
  EXPECT_THAT(VerdictOnInput(R"([{"type":"message","role":"user","content":[{"type":"text","text":"x"}]}])"),
              HasSubstr(R"("param":"input[0].content[0].type")"));
}

TEST(Validate, LooksAtWhetherAnImageIsOne) {
  const auto with = [](const std::string& url) {
    return VerdictOnInput(R"([{"type":"message","role":"user","content":[{"type":"input_image","image_url":")" + url +
                          R"("}]}])");
  };
  EXPECT_EQ(with("https://example.com/a.png"), "accepted");
  EXPECT_EQ(with("data:image/png;base64,iVBORw0KGgo="), "accepted");
  EXPECT_THAT(with("data:image/png;base64,AAAA"), HasSubstr("does not represent a valid image"));
  EXPECT_THAT(with("data:text/plain;base64,AAAA"), HasSubstr("does not represent a valid image"));
  EXPECT_THAT(
      VerdictOnInput(R"([{"role":"user","content":[{"type":"input_image","image_url":{"url":"https://a/"}}]}])"),
      HasSubstr("invalid_type"));
}

TEST(Validate, WantsEveryToolOutputToHaveItsCallAndTheReverse) {
  const std::string user = R"([{"role":"user","content":"x"},)";
  const std::string call = R"({"type":"function_call","name":"f","arguments":"{}","call_id":"call_1"})";
  const std::string output = R"({"type":"function_call_output","call_id":"call_1","output":"o"})";
  EXPECT_EQ(VerdictOnInput(user + call + "," + output + "]"), "accepted");
  EXPECT_THAT(VerdictOnInput(user + call + "]"), HasSubstr("No tool output found for function call call_1."));
  EXPECT_THAT(VerdictOnInput(user + output + "]"),
              HasSubstr("No tool call found for function call output with call_id call_1."));
  EXPECT_THAT(VerdictOnInput(user + output + "," + call + "]"), HasSubstr("No tool call found"));
  EXPECT_THAT(VerdictOnInput(user + call + "," + call + "," + output + "]"), HasSubstr("Duplicate call_id"));
}

TEST(Validate, WantsArgumentsAsAString) {
  EXPECT_THAT(VerdictOnInput(R"([{"type":"function_call","name":"f","arguments":{},"call_id":"c"}])"),
              HasSubstr(R"("param":"input[0].arguments","code":"invalid_type")"));
}

TEST(Validate, RefusesReferencesToItemsThatWereNeverStored) {
  EXPECT_THAT(VerdictOnInput(R"([{"type":"item_reference","id":"msg_1"}])"), HasSubstr("404 "));
  EXPECT_THAT(VerdictOnInput(R"([{"type":"reasoning","id":"rs_1","summary":[]},{"role":"assistant","content":"x"}])"),
              HasSubstr("Item with id 'rs_1' not found."));
}

TEST(Validate, BindsEncryptedReasoningToItsAccount) {
  const auto verdict_for = [](std::string_view account) {
    return VerdictOnInput(R"([{"type":"reasoning","summary":[],"encrypted_content":")" +
                          MakeEncryptedContent(account, "n") +
                          R"("},{"role":"assistant","content":"x"},{"role":"user","content":"y"}])");
  };
  EXPECT_EQ(verdict_for("account-1"), "accepted");
  EXPECT_THAT(verdict_for("account-12"), HasSubstr("invalid_encrypted_content"));
  EXPECT_THAT(verdict_for("account"), HasSubstr("could not be verified."));
}

TEST(Validate, WantsReasoningRightBeforeWhatItProduced) {
  EXPECT_THAT(VerdictOnInput(R"([{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":")" +
                             MakeEncryptedContent("account-1", "n") + R"("},{"role":"user","content":"y"}])"),
              HasSubstr("without its required following item"));
}

TEST(Validate, KnowsWhichMembersAnItemMayHave) {
  EXPECT_THAT(VerdictOnInput(R"([{"role":"user","content":"x","name":"bob"}])"),
              HasSubstr("Unknown parameter: 'input[0].name'."));
  EXPECT_THAT(VerdictOnInput(R"([{"type":"message","id":"abc","role":"user","content":"x"}])"),
              HasSubstr("Expected an ID that begins with 'msg'."));
  EXPECT_THAT(VerdictOnInput(R"([{"type":"web_search_call","action":{"type":"other"}}])"),
              HasSubstr("Invalid value: 'other'. Supported values are: 'search', 'open_page', and 'find_in_page'."));
}

TEST(Validate, WantsObjectSchemasWithProperties) {
  const auto with = [](std::string_view tool) { return VerdictWith("tools", Items("[" + std::string(tool) + "]")); };
  EXPECT_EQ(with(R"({"type":"function","name":"f","parameters":{"type":"object","properties":{}}})"), "accepted");
  EXPECT_THAT(with(R"({"type":"function","name":"f","parameters":{"type":"object"}})"),
              HasSubstr("object schema missing properties"));
  EXPECT_THAT(with(R"({"type":"function","name":"f"})"), HasSubstr("invalid_function_parameters"));
  EXPECT_THAT(with(R"({"type":"function","name":"no spaces","parameters":{}})"), HasSubstr("does not match pattern"));
  EXPECT_THAT(with(R"({"type":"function","function":{"name":"f"}})"),
              HasSubstr("Missing required parameter: 'tools[0].name'."));
  EXPECT_THAT(with(R"({"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]})"),
              HasSubstr(R"("param":"tools[0].tools[0].parameters")"));
}

TEST(Validate, HoldsStrictSchemasToTheirRules) {
  const auto with = [](std::string_view schema) {
    json::object format = json::parse(R"({"type":"json_schema","name":"n","strict":true})").as_object();
    format["schema"] = json::parse(json::string_view(schema.data(), schema.size()));
    return VerdictWith("text", {{"format", format}});
  };
  EXPECT_EQ(
      with(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})"),
      "accepted");
  EXPECT_THAT(with(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"),
              HasSubstr("'additionalProperties' is required"));
  EXPECT_THAT(
      with(R"({"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false})"),
      HasSubstr("Missing 'a'."));
  EXPECT_THAT(
      with(
          R"({"type":"object","properties":{"a":{"type":"object","properties":{}}},"required":["a"],"additionalProperties":false})"),
      HasSubstr("In context=('properties', 'a')"));
}

TEST(Validate, WantsAForcedToolToBeOffered) {
  EXPECT_THAT(VerdictWith("tool_choice", {{"type", "function"}, {"name", "f"}}),
              HasSubstr("not found in 'tools' parameter"));
  EXPECT_THAT(VerdictWith("tool_choice", "required"), HasSubstr("must be specified with 'tools'"));
  EXPECT_THAT(VerdictWith("tool_choice", {{"type", "function"}, {"function", {{"name", "f"}}}}),
              HasSubstr("tool_choice.name"));
  EXPECT_THAT(VerdictWith("tool_choice", "any"), HasSubstr("invalid_value"));
}

TEST(Validate, AcceptsTheLiteFormOnlyWithItsHeader) {
  json::object body = MinimalBody();
  body.erase("instructions");
  body.erase("tools");
  body["input"] = Items(R"([{"type":"additional_tools","role":"developer","tools":[]},{"role":"user","content":"x"}])");
  EXPECT_EQ(Verdict(body, Caller{"account-1", true}), "accepted");
  EXPECT_THAT(Verdict(body), HasSubstr("input[0].type"));
  body["tools"] = json::array();
  EXPECT_THAT(Verdict(body, Caller{"account-1", true}), HasSubstr("Unsupported parameter: tools"));
}

TEST(Validate, WantsInstructionsAtTheTopOrInAMessageOfTheDeveloper) {
  json::object body = MinimalBody();
  body.erase("instructions");
  EXPECT_THAT(Verdict(body), HasSubstr("Instructions are required"));
  body["input"] = Items(
      R"([{"type":"message","role":"developer","id":"msg_1","content":[{"type":"input_text","text":"You are Codex"}]},)"
      R"({"role":"user","content":"x"},{"type":"configuration_update","reasoning":{"effort":"low"}}])");
  EXPECT_EQ(Verdict(body), "accepted");
  body["instructions"] = "";
  EXPECT_THAT(Verdict(body), HasSubstr("Instructions are required"));
}

TEST(Validate, SurvivesDocumentsOfTheWrongShape) {
  EXPECT_NE(Verdict(json::value(nullptr)), "accepted");
  EXPECT_NE(Verdict(json::array()), "accepted");
  for (const char* items :
       {"[1]", "[null]", "[{}]", "[{\"type\":1}]", "[{\"role\":\"user\"}]", "[{\"role\":\"user\",\"content\":[1]}]",
        "[{\"type\":\"nonsense\"}]", "[{\"type\":\"additional_tools\"}]"}) {
    EXPECT_NE(VerdictOnInput(items), "accepted") << items;
  }
}

// What it says of a function with such parameters.
std::string VerdictOnSchema(const std::string& schema) {
  return VerdictWith("tools", Items(R"([{"type":"function","name":"f","strict":false,"parameters":)" + schema + "}]"));
}

TEST(Validate, TakesOrdinarySchemas) {
  for (
      const char* schema :
      {R"({"type":"object","properties":{}})",
       R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"type":"array","items":{}},)"
       R"("b":{"anyOf":[{"type":["string","null"]},{"$ref":"#/$defs/c"}]},"d":{"pattern":"^[a-z_.-]{1,3}\\d$"}},)"
       R"("$defs":{"c":{"enum":[1]}},"required":["a"],"additionalProperties":false,"x-mine":1})"}) {
    EXPECT_EQ(VerdictOnSchema(schema), "accepted") << schema;
  }
}

TEST(Validate, RefusesTheSchemasThatTheBackendRefuses) {
  const auto with = [](const std::string& property) {
    return VerdictOnSchema(R"({"type":"object","properties":{"a":)" + property + "}}");
  };
  EXPECT_THAT(
      with(R"({"type":"array"})"),
      HasSubstr("Invalid schema for function 'f': In context=('properties', 'a'), array schema missing items."));
  EXPECT_THAT(with(R"({"type":"array","items":{"type":"array"}})"),
              HasSubstr("In context=('properties', 'a', 'items'), array schema missing items."));
  EXPECT_THAT(with(R"({"pattern":"^\\p{L}+$"})"), HasSubstr("is not a 'regex'."));
  EXPECT_THAT(with(R"j({"pattern":"(?<year>x)"})j"), HasSubstr("is not a 'regex'."));
  EXPECT_THAT(with(R"({"pattern":"[\\w-.]"})"), HasSubstr("is not a 'regex'."));
  EXPECT_THAT(with(R"({"type":"dict"})"), HasSubstr("'dict' is not valid under any of the given schemas."));
  EXPECT_THAT(with(R"({"required":true})"), HasSubstr("True is not of type 'array'."));
  EXPECT_THAT(with(R"({"exclusiveMinimum":true})"), HasSubstr("True is not of type 'number'."));
  EXPECT_THAT(with(R"({"items":[{}]})"), HasSubstr("is not of type 'object', 'boolean'."));
  EXPECT_THAT(with(R"({"$ref":"#/$defs/gone"})"), HasSubstr("can not be resolved."));
  EXPECT_THAT(with("null"), HasSubstr("None is not of type 'object', 'boolean'."));
  for (const char* keyword : {"anyOf", "oneOf", "allOf", "enum"}) {
    EXPECT_THAT(VerdictOnSchema(std::string(R"({"type":"object","properties":{},")") + keyword + R"(":[{}]})"),
                HasSubstr("'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."))
        << keyword;
  }
}

TEST(Validate, WantsAnObjectAtTheRootOfAnAnswersSchema) {
  const auto with = [](const char* schema) {
    return VerdictWith(
        "text", json::parse(std::string(R"({"format":{"type":"json_schema","name":"n","schema":)") + schema + "}}"));
  };
  EXPECT_EQ(with(R"({"type":"object","properties":{}})"), "accepted");
  EXPECT_THAT(with(R"({"type":"array","items":{}})"), HasSubstr(R"("code":"invalid_json_schema")"));
  EXPECT_THAT(with(R"({"type":"object","properties":{"a":{"type":"array"}}})"),
              HasSubstr("array schema missing items."));
}

}  // namespace
}  // namespace patchbay::sim
