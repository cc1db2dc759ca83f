// README.md's tables of fields and errors are true, and whole.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "lib/wire/boost_json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/gemini/error_encoder.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {
namespace {

namespace json = boost::json;
using ::testing::Contains;
using ::testing::Not;

constexpr const char* kReadme = "workers/frontend/dialects/gemini/README.md";
constexpr const char* kBaseline = R"({
  "contents":[{"parts":[{"text":"Hi"}]}],
  "tools":[{"functionDeclarations":[{"name":"f"}]}]})";
// Rows below functionCall and functionResponse are tried on a conversation that has them.
constexpr const char* kWithCall = R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]}]})";
constexpr const char* kWithResponse =
    R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"output":"x"}}}]}]})";

std::vector<FieldRow> Rows() { return ReadFieldTable(kReadme); }

std::vector<std::string> StepsOf(const std::string& field) {
  std::vector<std::string> steps;
  std::istringstream text(field);
  for (std::string step; std::getline(text, step, '.');) steps.push_back(step);
  return steps;
}

json::value BaselineFor(const FieldRow& row) {
  if (row.field.rfind("contents[].parts[].functionCall.", 0) == 0) return *wire::ParseJson(kWithCall);
  if (row.field.rfind("contents[].parts[].functionResponse.", 0) == 0) return *wire::ParseJson(kWithResponse);
  return *wire::ParseJson(kBaseline);
}

// The document with the value at the field's place; "[]" is the first element.
json::value Placed(json::value document, const std::string& field, json::value value, const FieldRow& row = {}) {
  // A part is one thing, so another thing takes the place of the text; what is ignored stands beside it.
  const bool is_thing = value.is_object() && row.handling != "ignored" && field.rfind("contents[].parts[].", 0) == 0 &&
                        StepsOf(field).size() == 3;
  if (is_thing) document.at("contents").at(0).at("parts").at(0).as_object().erase("text");
  json::value* at = &document;
  const auto steps = StepsOf(field);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::string name = steps[i];
    const bool element = name.size() > 2 && name.substr(name.size() - 2) == "[]";
    if (element) name.resize(name.size() - 2);
    if (!at->is_object()) *at = json::object();
    at = &at->as_object()[name];
    if (!element) continue;
    if (!at->is_array()) *at = json::array(1);
    at = &at->as_array()[0];
  }
  *at = std::move(value);
  return document;
}

std::string Capitalized(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string TestName(const FieldRow& row) {
  std::string name;
  for (std::string step : StepsOf(row.field)) {
    if (step.size() > 2 && step.substr(step.size() - 2) == "[]") step.resize(step.size() - 2);
    name += Capitalized(step);
  }
  return name;
}

Result<DecodedRequest> Decode(const json::value& document) {
  return DecodeRequest(json::serialize(document), "gpt-5.5");
}

// "contents[].parts[].text" → "/contents/0/parts/0/text"
std::string PointerTo(const std::string& field) {
  std::string pointer;
  for (std::string step : StepsOf(field)) {
    const bool element = step.ends_with("[]");
    if (element) step.resize(step.size() - 2);
    pointer.append("/").append(step).append(element ? "/0" : "");
  }
  return pointer;
}

// `field` is the row's name as the document spells it.
void ExpectHandled(const FieldRow& row, const std::string& field, const json::value& document) {
  const auto decoded = Decode(document);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where.rfind(PointerTo(field), 0), 0u) << decoded.error().where;
    EXPECT_EQ(decoded.error().origin, Origin::kClient);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message << " at " << decoded.error().where;
  const auto baseline = Decode(BaselineFor(row));
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(decoded->request, baseline->request);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  if (row.handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(row.field));
    EXPECT_TRUE(!changed || row.field == "contents[].parts[].thought");
  } else if (row.handling == "forwarded") {
    EXPECT_THAT(decoded->ignored, Not(Contains(row.field)));
    EXPECT_THAT(wishes, Not(Contains(row.field)));
    EXPECT_TRUE(changed);
  } else {
    EXPECT_EQ(row.handling, "provider");
    EXPECT_THAT(wishes, Contains(row.field));
    EXPECT_TRUE(changed);
  }
}

class GeminiFields : public ::testing::TestWithParam<FieldRow> {
 protected:
  json::value Sample() {
    auto sample = wire::ParseJson(GetParam().sample);
    EXPECT_TRUE(sample.ok()) << GetParam().sample;
    return std::move(*sample);
  }
};

// Those whose names differ between the two spellings.
class GeminiCamelFields : public GeminiFields {};

std::vector<FieldRow> CamelRows() {
  std::vector<FieldRow> rows = Rows();
  std::erase_if(rows, [](const FieldRow& row) {
    return std::none_of(row.field.begin(), row.field.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  });
  return rows;
}

TEST_P(GeminiFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  // An ignored thought is a part that says nothing, so another has to speak.
  json::value document = Placed(BaselineFor(row), row.field, Sample(), row);
  if (row.field == "contents[].parts[].thought") {
    document.at("contents").at(0).at("parts").as_array().push_back(json::object{{"text", "Hi"}});
  }
  ExpectHandled(row, row.field, document);
}

TEST_P(GeminiCamelFields, MayBeInSnakeCase) {
  const FieldRow& row = GetParam();
  std::string field;
  for (const char c : row.field) {
    if (c >= 'A' && c <= 'Z') field.push_back('_');
    field.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  json::value baseline = BaselineFor(row);
  // The baseline's own spelling of a parent would stay beside the new one.
  const std::string text = json::serialize(baseline);
  const auto snake = [](std::string document) {
    const std::map<std::string, std::string> names = {{"functionDeclarations", "function_declarations"},
                                                      {"functionCall", "function_call"},
                                                      {"functionResponse", "function_response"}};
    for (const auto& [camel, other] : names) {
      if (const auto at = document.find(camel); at != std::string::npos) document.replace(at, camel.size(), other);
    }
    return document;
  };
  baseline = *wire::ParseJson(snake(text));
  ExpectHandled(row, field, Placed(baseline, field, Sample(), row));
}

TEST_P(GeminiFields, MayBeNull) {
  const FieldRow& row = GetParam();
  const json::value document = Placed(BaselineFor(row), row.field, nullptr);
  const auto decoded = Decode(document);
  const bool required = row.field == "contents" || row.field == "contents[].parts[].text" ||
                        row.field == "contents[].parts[].functionCall.name" ||
                        row.field == "contents[].parts[].functionResponse.name" ||
                        row.field == "tools[].functionDeclarations[].name";
  EXPECT_EQ(decoded.ok(), !required);
  if (decoded.ok()) {
    EXPECT_TRUE(decoded->ignored.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Gemini, GeminiCamelFields, ::testing::ValuesIn(CamelRows()),
                         [](const auto& info) { return TestName(info.param); });
INSTANTIATE_TEST_SUITE_P(Gemini, GeminiFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return TestName(info.param); });

TEST(GeminiFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto& name : KnownFields()) known.insert(name);
  EXPECT_EQ(documented, known);
}

TEST(GeminiRequestDecoder, ReportsAFieldItHasNeverHeardOf) {
  for (const char* field :
       {"brandNew", "generationConfig.brandNew", "contents[].parts[].brandNew", "contents[].brandNew",
        "tools[].brandNew", "tools[].functionDeclarations[].brandNew", "toolConfig.brandNew"}) {
    const auto decoded = Decode(Placed(*wire::ParseJson(kBaseline), field, 1));
    ASSERT_TRUE(decoded.ok()) << field;
    EXPECT_THAT(decoded->ignored, Contains(field));
  }
}

TEST(GeminiRequestDecoder, ReportsAnUnknownMemberOfWhateverAPartHolds) {
  for (
      const auto& [part, field] : std::vector<std::pair<std::string, std::string>>{
          {R"({"inlineData":{"mimeType":"image/png","data":"AAAA","brand_new":1}})", "inlineData.brandNew"},
          {R"({"fileData":{"mimeType":"image/png","fileUri":"https://x/y.png","brandNew":1}})", "fileData.brandNew"},
          {R"({"executableCode":{"language":"PYTHON","code":"1","brandNew":1}})", "executableCode.brandNew"},
          {R"({"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1","brandNew":1}})",
           "codeExecutionResult.brandNew"},
          {R"({"functionResponse":{"name":"f","parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"},"brandNew":1}]}})",
           "functionResponse.parts[].brandNew"}}) {
    const auto decoded = DecodeRequest(R"({"contents":[{"parts":[)" + part + "]}]}", "m");
    ASSERT_TRUE(decoded.ok()) << part;
    EXPECT_THAT(decoded->ignored, Contains("contents[].parts[]." + field));
  }
  const auto system = DecodeRequest(
      R"({"systemInstruction":{"role":"user","brandNew":1,"parts":[{"text":"x","other":1}]},"contents":[{"parts":[{"text":"x"}]}]})",
      "m");
  EXPECT_THAT(system->ignored, Contains("systemInstruction.brandNew"));
  EXPECT_THAT(system->ignored, Contains("systemInstruction.parts[].other"));
  EXPECT_EQ(system->ignored.size(), 2u);
}

TEST(GeminiRequestDecoder, RefusesWhatIsNestedTooDeep) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  const auto decoded = DecodeRequest(R"({"contents":[{"parts":[{"text":"Hi"}]}],"labels":)" + deep + "}", "m");
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
}

TEST(GeminiRequestDecoder, RefusesWhatIsNoObject) {
  for (const char* body : {"", "[]", "5", "null", "\"x\"", "{", "{}"})
    EXPECT_FALSE(DecodeRequest(body, "m").ok()) << body;
}

TEST(GeminiRequestDecoder, TakesTheLastOfARepeatedKey) {
  const auto decoded = DecodeRequest(R"({"contents":[{"parts":[{"text":"one","text":"two"}]}]})", "m");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->request.items(0).message().parts(0).text(), "two");
}

TEST(GeminiRequestDecoder, TakesTextWithZeroBytesAndRefusesHalfASurrogatePair) {
  const auto zero = DecodeRequest(R"({"contents":[{"parts":[{"text":"a\u0000b"}]}]})", "m");
  ASSERT_TRUE(zero.ok());
  EXPECT_EQ(zero->request.items(0).message().parts(0).text(), std::string("a\0b", 3));
  EXPECT_FALSE(DecodeRequest(R"({"contents":[{"parts":[{"text":"\ud800"}]}]})", "m").ok());
  EXPECT_FALSE(DecodeRequest("{\"contents\":[{\"parts\":[{\"text\":\"\xff\"}]}]}", "m").ok());
}

TEST(GeminiRequestDecoder, NeedsAModel) {
  EXPECT_FALSE(DecodeRequest(kBaseline, "").ok());
  EXPECT_EQ(DecodeRequest(kBaseline, "models/gpt-5.5")->request.model(), "gpt-5.5");
}

TEST(GeminiRequestDecoder, CountsAWholeRequestOrBareContents) {
  for (const std::string& body :
       {std::string(kBaseline), R"({"generateContentRequest":)" + std::string(kBaseline) + "}",
        R"({"generate_content_request":)" + std::string(kBaseline) + "}"}) {
    const auto decoded = DecodeCountRequest(body, "gpt-5.5");
    ASSERT_TRUE(decoded.ok()) << body;
    EXPECT_EQ(decoded->request.tools_size(), 1);
  }
}

// | problem | code | status | reason |
std::map<std::string, std::vector<std::string>> ErrorRows() {
  std::map<std::string, std::vector<std::string>> rows;
  std::ifstream file(kReadme);
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| problem |", 0) == 0) in_table = true;
    if (line.empty()) in_table = false;
    if (!in_table || line.rfind("|---", 0) == 0 || line.rfind("| problem |", 0) == 0) continue;
    std::istringstream cells(line);
    std::vector<std::string> words;
    for (std::string cell; cells >> cell;) {
      if (cell != "|") words.push_back(cell);
    }
    rows[words[0]] = {words[1], words[2], words[3]};
  }
  return rows;
}

TEST(GeminiErrorTable, IsTheOneInTheReadme) {
  const auto rows = ErrorRows();
  std::size_t kinds = 0;
  for (int i = 0; i <= static_cast<int>(Problem::Kind::kInternal); ++i, ++kinds) {
    Problem problem(static_cast<Problem::Kind>(i), "why");
    problem.retry_after = std::chrono::seconds(13);
    const std::string name(ToString(problem.kind));
    const auto row = rows.find(name);
    ASSERT_NE(row, rows.end()) << name;
    const Answer answer = EncodeError(problem);
    const json::value error = wire::ParseJson(answer.body)->at("error");
    EXPECT_EQ(std::to_string(answer.status), row->second[0]) << name;
    EXPECT_EQ(error.at("code").as_int64(), answer.status) << name;
    EXPECT_EQ(wire::FindString(error, "status"), row->second[1]) << name;
    EXPECT_EQ(wire::FindString(error.at("details").at(0), "reason"), row->second[2]) << name;
    const bool about_keys = problem.kind == Problem::Kind::kNoKey || problem.kind == Problem::Kind::kBadKey;
    EXPECT_EQ(wire::FindString(error, "message") == "why", !about_keys) << name;
  }
  EXPECT_EQ(rows.size(), kinds);
}

TEST(GeminiErrorTable, SaysInGooglesWordsWhatIsWrongWithAKey) {
  const auto none = EncodeError(Problem(Problem::Kind::kNoKey, "no client key"));
  EXPECT_NE(none.body.find("Method doesn't allow unregistered callers"), std::string::npos) << none.body;
  const auto wrong = EncodeError(Problem(Problem::Kind::kBadKey, "the client key is not valid"));
  EXPECT_NE(wrong.body.find("API key not valid. Please pass a valid API key. (the client key is not valid)"),
            std::string::npos)
      << wrong.body;
}

TEST(GeminiErrorTable, TellsTheTrueDelayButNeverMakesAnSdkSleepForHours) {
  Problem problem(Problem::Kind::kExhausted, "used up");
  problem.retry_after = std::chrono::seconds(13540);
  const Answer answer = EncodeError(problem);
  EXPECT_NE(answer.body.find(R"("retryDelay":"13540s")"), std::string::npos) << answer.body;
  EXPECT_THAT(answer.headers, Contains(std::pair<std::string, std::string>("retry-after", "13540")));
  EXPECT_THAT(answer.headers, Contains(std::pair<std::string, std::string>("x-should-retry", "false")));
}

TEST(GeminiErrorTable, MakesTheCommandLineClientStopWhenNobodyKnowsWhen) {
  EXPECT_EQ(ErrorRowOf(Problem(Problem::Kind::kExhausted, "")).reason, "MODEL_CAPACITY_EXHAUSTED");
  EXPECT_EQ(ErrorRowOf(Problem(Problem::Kind::kThrottled, "")).reason, "RATE_LIMIT_EXCEEDED");
}

TEST(GeminiErrorTable, SaysWhetherAKeyIsTooFastOrHasSpentItsBudget) {
  Problem fast(Problem::Kind::kKeyLimit, "");
  fast.retry_after = std::chrono::seconds(20);
  EXPECT_EQ(ErrorRowOf(fast).status, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(ErrorRowOf(fast).reason, "RATE_LIMIT_EXCEEDED");
  Problem spent(Problem::Kind::kKeyBudget, "");
  spent.retry_after = std::chrono::hours(9);
  EXPECT_EQ(ErrorRowOf(spent).reason, "QUOTA_EXHAUSTED");
  EXPECT_EQ(ErrorRowOf(Problem(Problem::Kind::kForbidden, "")).status, "PERMISSION_DENIED");
}

TEST(GeminiErrorTable, NamesThePlaceOfABadField) {
  Problem problem(Problem::Kind::kBadRequest, "expected a string");
  problem.param = "/contents/0/parts/0/text";
  EXPECT_NE(EncodeError(problem).body.find(R"("field":"/contents/0/parts/0/text")"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::frontend::gemini
