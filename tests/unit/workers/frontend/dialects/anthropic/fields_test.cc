// README.md's tables are true, and whole.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"

namespace patchbay::frontend::anthropic {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kReadme = "workers/frontend/dialects/anthropic/README.md";
constexpr const char* kBaseline =
    R"({"model":"gpt-5.5","max_tokens":1000,"messages":[{"role":"user","content":"Hi"}],)"
    R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}}]})";

Result<DecodedRequest> With(const std::string& field, const std::string& sample) {
  return DecodeRequest(*wire::SpliceTopLevel(kBaseline, field, sample, wire::IfMissing::kInsert));
}

std::vector<FieldRow> RowsWith(bool path) { return ReadFieldRows(kReadme, path); }

class MessagesFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(MessagesFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto decoded = With(row.field, row.sample);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where.rfind("/" + row.field, 0), 0u) << decoded.error().where;
    EXPECT_EQ(decoded.error().origin, Origin::kClient);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const auto baseline = DecodeRequest(kBaseline);
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(decoded->request, baseline->request);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  if (row.handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(row.field));
    EXPECT_FALSE(changed);
    return;
  }
  EXPECT_THAT(decoded->ignored, IsEmpty());
  const bool acted_on = decoded->stream;
  if (row.handling == "forwarded") {
    EXPECT_THAT(wishes, Not(Contains(row.field)));
    EXPECT_TRUE(changed);
  } else if (row.handling == "provider") {
    EXPECT_THAT(wishes, Contains(row.field));
    EXPECT_TRUE(changed);
  } else if (row.handling == "inherent") {
    EXPECT_FALSE(changed);
    EXPECT_FALSE(acted_on);
  } else {
    EXPECT_EQ(row.handling, "emulated");
    EXPECT_TRUE(acted_on);
  }
}

TEST_P(MessagesFields, MayBeNull) {
  const auto decoded = With(GetParam().field, "null");
  const std::set<std::string> required = {"model", "messages", "max_tokens"};
  EXPECT_EQ(decoded.ok(), required.count(GetParam().field) == 0);
  if (decoded.ok()) {
    EXPECT_THAT(decoded->ignored, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesFields, ::testing::ValuesIn(RowsWith(false)),
                         [](const auto& info) { return info.param.field; });

class MessagesMembers : public ::testing::TestWithParam<FieldRow> {
 protected:
  const std::string field_ = GetParam().field;
  const std::string parent_ = field_.substr(0, field_.rfind('.'));
  const std::string member_ = field_.substr(field_.rfind('.') + 1);
  const boost::json::object sample_ = wire::ParseJson(GetParam().sample)->as_object();

  // The baseline with `object` in the row's place, in a conversation where it makes sense.
  Result<DecodedRequest> Decode(const boost::json::object& object) {
    boost::json::object body = wire::ParseJson(kBaseline)->as_object();
    boost::json::array& messages = body.at("messages").as_array();
    const auto say = [&](const char* role, boost::json::value content) {
      messages.push_back(boost::json::object{{"role", role}, {"content", std::move(content)}});
    };
    if (parent_ == "messages[]") {
      messages.push_back(object);
      say("user", "Go on");
    } else if (parent_ == "messages[].content[]") {
      const std::set<std::string_view> assistants = {"tool_use", "thinking", "redacted_thinking", "compaction"};
      const std::string_view type(object.at("type").as_string());
      const bool assistant = assistants.count(type) != 0;
      if (type == "tool_removal") say("system", boost::json::array{object});
      const boost::json::object call{
          {"type", "tool_use"}, {"id", "t"}, {"name", "f"}, {"input", boost::json::object()}};
      say("assistant", boost::json::array{assistant ? object : call});
      say("user", assistant || type == "tool_removal" ? boost::json::value("Go on") : boost::json::array{object});
    } else if (parent_ == "tools[]") {
      body.at("tools").as_array().push_back(object);
    } else if (parent_.ends_with("[]")) {
      body[parent_.substr(0, parent_.size() - 2)] = boost::json::array{object};
    } else {
      body[parent_] = object;
    }
    return DecodeRequest(boost::json::serialize(body));
  }
};

TEST_P(MessagesMembers, AreHandledAsTheTableSays) {
  const auto decoded = Decode(sample_);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message << " at " << decoded.error().where;
  boost::json::object rest = sample_;
  rest.erase(member_);
  const auto without = Decode(rest);
  const bool needed = !without.ok();
  const bool changed =
      needed || !google::protobuf::util::MessageDifferencer::Equals(decoded->request, without->request);
  if (GetParam().handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(field_));
    EXPECT_FALSE(changed);
    return;
  }
  EXPECT_THAT(decoded->ignored, Not(Contains(field_)));
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  EXPECT_EQ(std::count(wishes.begin(), wishes.end(), field_), GetParam().handling == "provider" ? 1 : 0);
  EXPECT_EQ(changed, GetParam().handling != "inherent");
}

TEST_P(MessagesMembers, MayBeNullAsIfAbsent) {
  ExpectNullIsAbsent(sample_, member_, [this](const boost::json::object& object) { return Decode(object); });
}

TEST_P(MessagesMembers, AreReportedWhenNobodyHasHeardOfThem) {
  boost::json::object odd = sample_;
  odd["brand_new"] = 1;
  const auto decoded = Decode(odd);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_THAT(decoded->ignored, Contains(parent_ + ".brand_new"));
}

INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesMembers, ::testing::ValuesIn(RowsWith(true)), NameOfRow);

TEST(MessagesFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : RowsWith(false)) documented.insert(row.field);
  for (const auto name : KnownFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

TEST(MessagesRequest, ReportsAFieldItHasNeverHeardOf) {
  EXPECT_THAT(With("brand_new", "1")->ignored, Contains("brand_new"));
}

TEST(MessagesRequest, ReportsOnlySoManyFields) {
  std::string body = kBaseline;
  body.pop_back();
  for (int i = 0; i < 100'000; ++i) body += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_EQ(DecodeRequest(body + "}")->ignored.size(), kMaxIgnoredFields);
}

TEST(MessagesRequest, RefusesWhatIsNoObject) {
  for (const char* body : {"", "[]", "5", "null", "\"x\"", "{", "{}"}) EXPECT_FALSE(DecodeRequest(body).ok()) << body;
}

TEST(MessagesRequest, RefusesWhatIsNestedTooDeep) {
  EXPECT_FALSE(With("metadata", std::string(200, '[') + std::string(200, ']')).ok());
}

// {what stands in messages, where the error points}
struct BadMessages {
  const char* messages;
  const char* where;
};

TEST(MessagesRequest, NamesThePlaceOfWhatIsWrong) {
  for (
      const auto& [messages, where] : std::vector<BadMessages>{
          {R"("hi")", "/messages"},
          {R"([5])", "/messages/0"},
          {R"([{"content":"x"}])", "/messages/0/role"},
          {R"([{"role":"robot","content":"x"}])", "/messages/0/role"},
          {R"([{"role":"user"}])", "/messages/0"},
          {R"([{"role":"user","content":7}])", "/messages/0/content"},
          {R"([{"role":"user","content":[{"text":"x"}]}])", "/messages/0/content/0/type"},
          {R"([{"role":"user","content":[{"type":"text","text":7}]}])", "/messages/0/content/0/text"},
          {R"([{"role":"user","content":[{"type":"hologram"}]}])", "/messages/0/content/0/type"},
          {R"([{"role":"user","content":[{"type":"thinking","thinking":"x"}]}])", "/messages/0/content/0/type"},
          {R"([{"role":"user","content":[{"type":"image"}]}])", "/messages/0/content/0"},
          {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"*"}}]}])",
           "/messages/0/content/0/source/data"},
          {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"AAAA"}}]}])",
           "/messages/0/content/0/source/media_type"},
          {R"([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"http://x/y.png"}}]}])",
           "/messages/0/content/0/source/url"},
          {R"([{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}])",
           "/messages/0/content/0/source/type"},
          {R"([{"role":"user","content":[{"type":"tool_result"}]}])", "/messages/0/content/0/tool_use_id"},
          {R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":"x"}]}])",
           "/messages/0/content/0/input"},
          {R"([{"role":"assistant","content":[{"type":"image","source":{}}]}])", "/messages/0/content/0/type"},
          {R"([{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{}}]}])",
           "/messages/1"},
          {R"([{"role":"user","content":""}])", "/messages"},
          {R"([])", "/messages"},
          {R"([{"role":"user","content":[{"type":"tool_removal","tool":{"type":"tool_reference","name":"f"}}]}])",
           "/messages/0/content/0/type"},
          {R"([{"role":"system","content":[{"type":"tool_addition"}]}])", "/messages/0/content/0"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":"f"}]}])", "/messages/0/content/0/tool"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"name":"f"}}]}])",
           "/messages/0/content/0/tool/type"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool","name":"f"}}]}])",
           "/messages/0/content/0/tool/type"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_definition"}}]}])",
           "/messages/0/content/0/tool"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_definition","definition":7}}]}])",
           "/messages/0/content/0/tool/definition"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"g"}}}]}])",
           "/messages/0/content/0/tool/definition"},
          {R"([{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"g"}}]}])",
           "/messages/0/content/0/tool/name"},
          {R"([{"role":"system","content":[{"type":"tool_removal","tool":{"type":"tool_reference"}}]}])",
           "/messages/0/content/0/tool/name"},
          {R"([{"role":"system","content":[{"type":"tool_removal","tool":{"type":"tool_reference","name":"g"}}]}])",
           "/messages/0/content/0/tool/name"},
          {R"([{"role":"system","content":[{"type":"tool_removal","tool":{"type":"tool_definition","definition":{}}}]}])",
           "/messages/0/content/0/tool/type"},
          {R"([{"role":"system","content":[{"type":"tool_removal","tool":{"type":"mcp_toolset_reference","server_name":"s"}}]}])",
           "/messages/0/content/0/tool/type"},
          {R"([{"role":"system","content":"x","clear_at":"tomorrow"}])", "/messages/0/clear_at"},
          {R"([{"role":"system","content":"x","output_config":{"effort":"extreme"}}])",
           "/messages/0/output_config/effort"},
          {R"([{"role":"system","content":"x","output_config":"low"}])", "/messages/0/output_config"},
          {R"([{"role":"system","output_config":{}}])", "/messages/0"},
          {R"([{"role":"user","output_config":{"effort":"low"}}])", "/messages/0"},
      }) {
    const auto decoded = With("messages", messages);
    ASSERT_FALSE(decoded.ok()) << messages;
    EXPECT_EQ(decoded.error().where, where) << decoded.error().message;
    EXPECT_EQ(decoded.error().origin, Origin::kClient);
  }
}

TEST(MessagesRequest, RefusesValuesOutsideTheirRange) {
  for (const auto& [field, sample] : std::vector<std::pair<std::string, std::string>>{
           {"max_tokens", "0"},
           {"temperature", "1.5"},
           {"top_p", "-1"},
           {"stop_sequences", R"([""])"},
           {"stop_sequences", R"("END")"},
           {"stream", R"("yes")"},
           {"thinking", R"({"type":"enabled"})"},
           {"thinking", R"({"type":"enabled","budget_tokens":100})"},
           {"thinking", R"({"type":"sometimes"})"},
           {"output_config", R"({"effort":"extreme"})"},
           {"tool_choice", R"({"type":"tool"})"},
           {"tool_choice", R"({"type":"tool","name":"g"})"},
           {"tools", R"([{"name":"f"}])"},
           {"tools", R"([{"name":"f","input_schema":{}},{"name":"f","input_schema":{}}])"},
           {"tools", R"([{"name":"f","input_schema":{},"defer_loading":"yes"}])"},
           {"tools", R"([{"name":"f","input_schema":{},"defer_loading":true}])"},
           {"tools", R"([{"type":"computer_20250124","name":"computer"}])"},
           {"service_tier", R"("gold")"},
           {"system", R"([{"type":"image"}])"}}) {
    const auto decoded = With(field, sample);
    ASSERT_FALSE(decoded.ok()) << field << sample;
    EXPECT_EQ(decoded.error().where.rfind("/" + field, 0), 0u) << decoded.error().where;
  }
}

TEST(MessagesRequest, RefusesHalfASurrogatePairAndPassesNul) {
  EXPECT_FALSE(With("messages", R"([{"role":"user","content":"\ud800"}])").ok());
  const auto decoded = With("messages", R"([{"role":"user","content":"a\u0000b"}])");
  EXPECT_EQ(decoded->request.items(0).message().parts(0).text(), std::string("a\0b", 3));
}

TEST(MessagesRequest, TakesEffortInWordsBeforeABudgetInEitherOrder) {
  for (const char* members :
       {R"("thinking":{"type":"enabled","budget_tokens":2000},"output_config":{"effort":"max"})",
        R"("output_config":{"effort":"max"},"thinking":{"type":"enabled","budget_tokens":2000})"}) {
    const auto decoded = DecodeRequest(std::string("{") + members + "," + (kBaseline + 1));
    EXPECT_EQ(decoded->request.reasoning().effort(), "max");
  }
}

TEST(MessagesRequest, TakesTheEffortOfTheLastSystemMessage) {
  constexpr const char* kTurns =
      R"([{"role":"user","content":"Hi"},{"role":"system","content":"Hurry.","output_config":{"effort":"low"}},)"
      R"({"role":"assistant","content":"Ho"},{"role":"user","content":"On"},{"role":"system","output_config":{"effort":"xhigh"}},)"
      R"({"role":"system","content":"Go on.","output_config":{"effort":null}}])";
  for (const char* others : {R"("thinking":{"type":"disabled"},"output_config":{"effort":"max"},"messages":)",
                             R"("output_config":{"effort":"max"},"messages":)"}) {
    std::string body = std::string(R"({"model":"m","max_tokens":9,)") + others + kTurns + "}";
    const auto decoded = DecodeRequest(body);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->request.reasoning().effort(), "xhigh");
    EXPECT_THAT(decoded->ignored, IsEmpty());
    EXPECT_THAT(decoded->repaired, IsEmpty());
  }
  EXPECT_THAT(With("messages", R"([{"role":"user","content":"Hi","output_config":{"effort":"low"}}])")->ignored,
              Contains("messages[].output_config"));
}

TEST(MessagesRequest, ThinksNotAtAllWhereItShouldBetweenTools) {
  const auto decoded = With("thinking", R"({"type":"between_tools"})");
  EXPECT_EQ(decoded->request.reasoning().effort(), "none");
  EXPECT_FALSE(decoded->reply.thinking);
  EXPECT_THAT(decoded->ignored, Contains("thinking.between_tools"));
}

TEST(MessagesRequest, ShowsAWordForOneTurnUntilTheNext) {
  const auto texts = [](const char* later) {
    const auto decoded =
        With("messages", std::string(R"([{"role":"user","content":"Hi"},)"
                                     R"({"role":"system","content":"Now only.","clear_at":"next_user_message"})") +
                             later + "]");
    std::string told;
    for (const auto& item : decoded->request.items()) told += item.message().parts(0).text() + "|";
    EXPECT_THAT(decoded->repaired, IsEmpty());
    return told;
  };
  EXPECT_EQ(texts(""), "Hi|Now only.|");
  EXPECT_EQ(texts(R"(,{"role":"assistant","content":"Ho"},{"role":"user","content":"On"})"), "Hi|Ho|On|");
}

TEST(MessagesRequest, NeedsAToolToCallOne) {
  for (const char* choice : {R"({"type":"any"})", R"({"type":"tool","name":"f"})"}) {
    const auto decoded = DecodeRequest(std::string(R"({"model":"m","max_tokens":9,"tools":[],"tool_choice":)") +
                                       choice + R"(,"messages":[{"role":"user","content":"Hi"}]})");
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where.rfind("/tool_choice", 0), 0u);
  }
}

TEST(MessagesRequest, FindsClaudeCodesSessionInEitherForm) {
  EXPECT_EQ(With("metadata", R"({"user_id":"{\"device_id\":\"d\",\"session_id\":\"s-1\"}"})")->affinity, "s-1");
  EXPECT_EQ(With("metadata", R"({"user_id":"user_ab_account__session_s-2"})")->affinity, "s-2");
  EXPECT_EQ(With("metadata", R"({"user_id":"somebody"})")->affinity, "somebody");
}

// | `kind` | status | `type` | yes or no |
TEST(MessagesErrors, AreWhatTheTableSays) {
  std::ifstream file(kReadme);
  std::set<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) == 0) rows.insert(line);
  }
  for (int number = 0; number <= static_cast<int>(Problem::Kind::kInternal); ++number) {
    const auto kind = static_cast<Problem::Kind>(number);
    const Answer answer = EncodeError(Problem(kind, "words"));
    const std::size_t at = answer.body.find(R"("error":{"type":")") + 17;
    const std::string type = answer.body.substr(at, answer.body.find('"', at) - at);
    const auto retry = std::find(answer.headers.begin(), answer.headers.end(),
                                 std::pair<std::string, std::string>("x-should-retry", "true"));
    const std::string row = "| `" + std::string(ToString(kind)) + "` | " + std::to_string(answer.status) + " | `" +
                            type + "` | " + (retry == answer.headers.end() ? "no" : "yes") + " |";
    EXPECT_THAT(rows, Contains(row));
    EXPECT_THAT(answer.body, HasSubstr("words"));
  }
}

TEST(MessagesErrors, NeverLetAnSdkSleepForHours) {
  Problem problem(Problem::Kind::kExhausted, "used up");
  problem.retry_after = std::chrono::hours(5);
  problem.resets_at = std::chrono::seconds(1787400000);
  problem.request_id = "req_1";
  const Answer answer = EncodeError(problem);
  using Header = std::pair<std::string, std::string>;
  EXPECT_THAT(answer.headers, Contains(Header("retry-after", "60")));
  EXPECT_THAT(answer.headers, Contains(Header("x-should-retry", "false")));
  EXPECT_THAT(answer.headers, Contains(Header("anthropic-ratelimit-unified-reset", "1787400000")));
  EXPECT_THAT(answer.body, HasSubstr(R"("request_id":"req_1")"));
  EXPECT_THAT(answer.body, Not(HasSubstr("18000")));
  EXPECT_THAT(answer.body, HasSubstr("used up (it resets at Sat, 22 Aug 2026 "));
}

TEST(MessagesErrors, TellWhenABudgetIsBack) {
  Problem problem(Problem::Kind::kKeyBudget, "the budget is used up");
  problem.resets_at = std::chrono::seconds(1787400000);
  const Answer answer = EncodeError(problem);
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(answer.status, 429);
  EXPECT_THAT(answer.headers, Contains(Header("anthropic-ratelimit-unified-status", "rejected")));
  EXPECT_THAT(answer.headers, Contains(Header("anthropic-ratelimit-unified-reset", "1787400000")));
  EXPECT_THAT(answer.body, HasSubstr("the budget is used up (it resets at "));
}

TEST(MessagesErrors, TellTheToolRunnerToGoOnWithoutThreads) {
  const auto refused = With("thread", R"({"type":"create"})");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(EncodeError(ProblemOf(refused.error())).body,
              HasSubstr(R"("details":{"error_code":"thread_unsupported_request","unsupported":["thread"]})"));
}

TEST(MessagesErrors, TellTheSdkOfAToolThatNobodyDefined) {
  const auto refused =
      With("messages",
           R"([{"role":"system","content":[{"type":"tool_removal","tool":{"type":"tool_reference","name":"g"}}]}])");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(EncodeError(ProblemOf(refused.error())).body,
              HasSubstr(R"("details":{"error_code":"tool_reference_unresolved"})"));
}

TEST(MessagesErrors, SayWhatMakesClaudeCodeCompact) {
  EXPECT_THAT(EncodeError(Problem(Problem::Kind::kContextTooLong, "too many tokens")).body,
              HasSubstr("prompt is too long: too many tokens"));
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
