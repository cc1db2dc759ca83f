#include "tests/sim/chat/validate_chat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace patchbay::sim {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr const char* kUser = R"({"role":"user","content":"Hello"})";
constexpr const char* kCall =
    R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]})";
constexpr const char* kResult = R"({"role":"tool","tool_call_id":"call_1","content":"4"})";

std::string Judge(const std::string& body) {
  const auto refusal = ValidateChat(json::parse(body));
  return refusal ? std::to_string(refusal->status) + " " + refusal->body : "accepted";
}

// A request for the model with those messages and members.
std::string With(const std::string& model, const std::string& messages, const std::string& members = "") {
  return Judge(R"({"model":")" + model + R"(","messages":[)" + messages + "]" + (members.empty() ? "" : "," + members) +
               "}");
}

TEST(ValidateChat, AcceptsAPlainRequestForEveryModel) {
  for (const ApiModel& model : ApiModels()) {
    EXPECT_EQ(With(std::string(model.id), R"({"role":"system","content":"Be brief."},)" + std::string(kUser),
                   R"("stream":true)"),
              "accepted")
        << model.id;
  }
}

TEST(ValidateChat, RefusesWhatNobodyKnows) {
  EXPECT_EQ(With("gpt-x", kUser),
            R"(404 {"error":{"message":"The model `gpt-x` does not exist or you do not have access to it.",)"
            R"("type":"invalid_request_error","param":null,"code":"model_not_found"}})");
  EXPECT_THAT(With("gpt-4.1", kUser, R"("top_k":3)"), HasSubstr("Unrecognized request argument supplied: top_k"));
  EXPECT_EQ(With("qwen3.5-coder", kUser, R"("top_k":3)"), "accepted");
  EXPECT_THAT(With("gpt-4.1", R"({"role":"robot","content":"x"})"),
              HasSubstr(R"("param":"messages[0].role","code":"invalid_value")"));
  EXPECT_THAT(Judge(R"({"messages":[]})"), HasSubstr("you must provide a model parameter"));
  EXPECT_THAT(Judge(R"({"model":"gpt-4.1"})"), HasSubstr("missing_required_parameter"));
  EXPECT_THAT(With("gpt-4.1", ""), HasSubstr("empty_array"));
}

TEST(ValidateChat, PairsCallsWithTheirResults) {
  const std::string head = std::string(kUser) + ",";
  EXPECT_EQ(With("gpt-4.1", head + kCall + "," + kResult), "accepted");
  EXPECT_THAT(With("gpt-4.1", head + kResult), HasSubstr("must be a response to a preceeding message"));
  EXPECT_THAT(With("gpt-4.1", head + kCall + "," + kUser), HasSubstr("did not have response messages: call_1"));
  EXPECT_THAT(With("gpt-4.1", head + kCall), HasSubstr("did not have response messages: call_1"));
  EXPECT_THAT(With("gpt-4.1", head + kCall + "," + kResult + "," + kResult), HasSubstr("preceeding message"));
}

TEST(ValidateChat, KnowsWhichCapAModelTakes) {
  EXPECT_THAT(With("gpt-5.5", kUser, R"("max_tokens":10)"), HasSubstr("Use 'max_completion_tokens' instead."));
  EXPECT_EQ(With("gpt-5.5", kUser, R"("max_completion_tokens":10)"), "accepted");
  EXPECT_THAT(With("deepseek-v4-pro", kUser, R"("max_completion_tokens":10)"), HasSubstr("unsupported_parameter"));
  EXPECT_EQ(With("deepseek-v4-pro", kUser, R"("max_tokens":10)"), "accepted");
}

TEST(ValidateChat, RefusesTemperatureWhereModelsReason) {
  EXPECT_THAT(With("gpt-5.5", kUser, R"("temperature":0.5)"), HasSubstr(R"("code":"unsupported_value")"));
  EXPECT_EQ(With("gpt-5.5", kUser, R"("temperature":1)"), "accepted");
  EXPECT_EQ(With("gpt-4.1", kUser, R"("temperature":0.5)"), "accepted");
  EXPECT_THAT(With("gpt-4.1", kUser, R"("temperature":3)"), HasSubstr("decimal_above_max_value"));
  EXPECT_THAT(With("gpt-5.5", kUser, R"("reasoning_effort":"ultra")"), HasSubstr("invalid_value"));
  EXPECT_THAT(With("gpt-4.1", kUser, R"("reasoning_effort":"low")"), HasSubstr("Unrecognized request argument"));
}

TEST(ValidateChat, WantsStreamOptionsOnStreamsOnlyAndNotEverywhere) {
  constexpr const char* kOptions = R"("stream_options":{"include_usage":true})";
  EXPECT_EQ(With("gpt-4.1", kUser, std::string(kOptions) + R"(,"stream":true)"), "accepted");
  EXPECT_THAT(With("gpt-4.1", kUser, kOptions), HasSubstr("only allowed when 'stream' is enabled"));
  EXPECT_THAT(With("mistral-large-latest", kUser, std::string(kOptions) + R"(,"stream":true)"),
              HasSubstr("unsupported_parameter"));
}

TEST(ValidateChat, WantsOneLeadingSystemMessageOfSomeFamilies) {
  const std::string two = R"({"role":"system","content":"a"},{"role":"system","content":"b"},)" + std::string(kUser);
  EXPECT_EQ(With("gpt-4.1", two), "accepted");
  EXPECT_THAT(With("MiniMax-M3", two), HasSubstr("2013"));
  EXPECT_THAT(With("qwen3.5-coder", std::string(kUser) + R"(,{"role":"system","content":"late"})"), HasSubstr("2013"));
  EXPECT_THAT(With("MiniMax-M3", R"({"role":"developer","content":"a"},)" + std::string(kUser)),
              HasSubstr("invalid_value"));
}

TEST(ValidateChat, WantsReasoningBackOnTurnsWithCalls) {
  const std::string head = std::string(kUser) + ",";
  EXPECT_THAT(With("deepseek-v4-pro", head + kCall + "," + kResult), HasSubstr("must be passed back to the API"));
  std::string thinking(kCall);
  thinking.insert(1, R"("reasoning_content":"I must add.",)");
  EXPECT_EQ(With("deepseek-v4-pro", head + thinking + "," + kResult), "accepted");
}

TEST(ValidateChat, HasShortIdsAndNamedResultsInTheirFamily) {
  const std::string head = std::string(kUser) + ",";
  EXPECT_THAT(With("mistral-large-latest", head + kCall + "," + kResult), HasSubstr("with a length of 9"));
  std::string call(kCall), result(kResult);
  call.replace(call.find("call_1"), 6, "abc123DEF");
  result.replace(result.find("call_1"), 6, "abc123DEF");
  EXPECT_THAT(With("mistral-large-latest", head + call + "," + result), HasSubstr("Field required: name"));
  result.insert(1, R"("name":"f",)");
  EXPECT_EQ(With("mistral-large-latest", head + call + "," + result), "accepted");
  EXPECT_THAT(With("mistral-large-latest", head + call + "," + result + "," + kUser),
              HasSubstr("Unexpected role 'user' after role 'tool'"));
}

TEST(ValidateChat, LooksAtPicturesAndRefusesThemWhereModelsAreBlind) {
  const auto picture = [](const std::string& url) {
    return R"({"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url + R"("}}]})";
  };
  EXPECT_EQ(With("gpt-4.1", picture("https://example.com/a.png")), "accepted");
  EXPECT_THAT(With("gpt-4.1", picture("file:///a.png")), HasSubstr("invalid_image_url"));
  EXPECT_THAT(With("deepseek-v4-pro", picture("https://example.com/a.png")), HasSubstr("invalid_value"));
}

TEST(ValidateChat, LooksAtToolsAndTheirChoice) {
  const auto tools = [](const std::string& parameters, const std::string& more = "") {
    return R"("tools":[{"type":"function","function":{"name":"f","parameters":)" + parameters + "}}]" + more;
  };
  constexpr const char* kSchema = R"({"type":"object","properties":{}})";
  EXPECT_EQ(With("gpt-4.1", kUser, tools(kSchema)), "accepted");
  EXPECT_EQ(With("gpt-4.1", kUser, R"("tools":[{"type":"function","function":{"name":"f"}}])"), "accepted");
  EXPECT_THAT(With("gpt-4.1", kUser, tools(R"({"type":"array"})")), HasSubstr("invalid_function_parameters"));
  EXPECT_THAT(With("gpt-4.1", kUser, R"("tools":[])"), HasSubstr("empty_array"));
  EXPECT_THAT(With("gpt-4.1", kUser, R"("tool_choice":"auto")"), HasSubstr("only allowed when 'tools'"));
  const std::string named = R"(,"tool_choice":{"type":"function","function":{"name":"f"}})";
  EXPECT_EQ(With("gpt-4.1", kUser, tools(kSchema, named)), "accepted");
  EXPECT_THAT(With("deepseek-v4-pro", kUser, tools(kSchema, named)), HasSubstr("does not support this tool_choice"));
  EXPECT_THAT(With("gpt-4.1", kUser, tools(kSchema, R"(,"tool_choice":{"type":"function","function":{"name":"g"}})")),
              HasSubstr("not found in 'tools'"));
  constexpr const char* kCustom = R"("tools":[{"type":"custom","custom":{"name":"p"}}])";
  EXPECT_EQ(With("gpt-4.1", kUser, kCustom), "accepted");
  EXPECT_THAT(With("qwen3.5-coder", kUser, kCustom), HasSubstr("invalid_value"));
}

TEST(ValidateChat, WantsTheWordJsonBesideItsFormat) {
  constexpr const char* kFormat = R"("response_format":{"type":"json_object"})";
  EXPECT_THAT(With("gpt-4.1", kUser, kFormat), HasSubstr("must contain the word 'json'"));
  EXPECT_EQ(With("gpt-4.1", R"({"role":"user","content":"Answer in JSON."})", kFormat), "accepted");
  EXPECT_THAT(With("gpt-4.1", kUser, R"("response_format":{"type":"json_schema","json_schema":{"name":"a"}})"),
              HasSubstr("response_format.json_schema.schema"));
}

}  // namespace
}  // namespace patchbay::sim
