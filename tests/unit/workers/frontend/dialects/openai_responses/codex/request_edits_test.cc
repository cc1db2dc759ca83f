#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ClientTraits kSdk{};
constexpr ClientTraits kCodex{.native = true};

// What the Codex CLI sends, with spacing and escapes that a rewrite would lose.
constexpr const char* kCodexBody =
    R"({ "model":"gpt-5.5", "instructions":"You are Codex", "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"caf\u00e9"}]},)"
    R"({"type":"brand_new","x":1.50}],"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{},"store":false,"stream":true,)"
    R"("include":["reasoning.encrypted_content"],"prompt_cache_key":"k","client_metadata":{"a":"b"} })";

std::vector<FieldRow> Rows() { return ReadFieldTable("workers/frontend/dialects/openai_responses/README.md"); }

std::string With(std::string_view field, std::string_view value) {
  return *wire::SpliceTopLevel(kCodexBody, field, value, wire::IfMissing::kInsert);
}
// What the backend gets.
Edits EditsOf(const Result<DecodedRequest>& decoded) {
  EXPECT_TRUE(decoded.ok()) << decoded.error().message;
  auto edits = EditsFor(*decoded);
  EXPECT_TRUE(edits.ok()) << edits.error().message;
  return edits.ok() ? std::move(*edits) : Edits();
}
std::string Sent(const Result<DecodedRequest>& decoded) { return decoded->With(EditsOf(decoded).changes); }
// The text of a member of a body; empty when it is not there.
std::string Member(std::string body, std::string_view key) {
  const auto span = wire::FindTopLevel(body, key);
  return span.ok() ? std::string(span->In(body)) : "";
}

class StillClock final : public Clock {
 public:
  WallTime Now() const override { return {}; }
  SteadyTime Steady() const override { return {}; }
};

// Where the samples of the table find what they refer to.
class CodexFields : public ::testing::TestWithParam<FieldRow> {
 protected:
  CodexFields() {
    StoredResponse response;
    response.id = "resp_1";
    response.input = std::make_shared<const std::string>(R"({"type":"message","role":"user","content":[]})");
    response.output = std::make_shared<const std::string>();
    EXPECT_TRUE(stored_.Put(std::move(response)));
  }
  StoredResponses store_{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  StillClock clock_;
  ClientResponses stored_{store_, "key", clock_};
};

TEST_P(CodexFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto decoded = DecodeRequest(With(row.field, row.sample), kSdk, &stored_);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where, "/" + row.field);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const std::string sent = Member(Sent(decoded), row.field);
  if (row.handling == "ignored") {
    EXPECT_EQ(sent, "");
    EXPECT_THAT(EditsOf(decoded).ignored, ElementsAre(row.field));
    return;
  }
  EXPECT_THAT(EditsOf(decoded).ignored, IsEmpty());
  // Known by what the client is told, or by what is kept.
  const bool acted_on = !EchoesFor(*decoded).empty() || decoded->keep || !decoded->stream;
  if (row.handling == "edited") {
    EXPECT_NE(sent, "");
    EXPECT_NE(sent, row.sample);
    EXPECT_FALSE(acted_on);
  } else if (row.handling == "emulated") {
    EXPECT_NE(sent, row.sample);
    EXPECT_TRUE(acted_on);
  } else {
    EXPECT_EQ(row.handling, "passed");
    EXPECT_EQ(sent, row.sample);
  }
}

INSTANTIATE_TEST_SUITE_P(OpenAiResponses, CodexFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.field; });

TEST(CodexFieldTable, NamesEveryFieldThatIsKnown) {
  std::set<std::string> documented;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto& names : {KnownFields(), EditedFields()}) {
    for (const auto name : names) EXPECT_TRUE(documented.contains(std::string(name))) << name;
  }
}

TEST(CodexRequestEdits, PassesACodexBodyByteForByte) {
  const auto decoded = DecodeRequest(kCodexBody, kCodex);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Sent(decoded), kCodexBody);
  EXPECT_EQ(decoded->model, "gpt-5.5");
  EXPECT_EQ(decoded->cache_key, "k");
  EXPECT_TRUE(decoded->stream);
}

TEST(CodexRequestEdits, PassesAGoodSdkBodyByteForByteToo) {
  EXPECT_EQ(Sent(DecodeRequest(kCodexBody, kSdk)), kCodexBody);
}

TEST(CodexRequestEdits, CompletesTheSmallestSdkRequest) {
  const auto decoded = DecodeRequest(R"({"model":"gpt-5.5","input":"Say \"hi\""})", kSdk);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(
      Sent(decoded),
      R"({"model":"gpt-5.5","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Say \"hi\""}]}],)"
      R"("stream":true,"instructions":"You are a helpful assistant.","store":false,"include":["reasoning.encrypted_content"]})");
  EXPECT_FALSE(decoded->stream);
}

// What the Codex CLI 0.171 sends by each way (real-clients §7.1), cut short; `instructions` is in none of them.
constexpr std::string_view kClassic =
    R"({"model":"gpt-5.5","stream":true,"input":[{"type":"message","role":"developer","id":"msg_1","content":[{"type":"input_text","text":"You are Codex"}],)"
    R"("internal_chat_message_metadata_passthrough":{"turn_id":"t","create_time":1.5}},{"type":"configuration_update","reasoning":{"effort":"low"}},)"
    R"({"type":"agent_message","author":"a","recipient":"b","content":[{"type":"encrypted_content","encrypted_content":"gA"}]},)"
    R"({"type":"compaction_trigger"}],"tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"c"},{"type":"function","name":"f",)"
    R"("parameters":{"type":"object","encrypted":true}}]},{"type":"tool_search","execution":"client"}],"tool_choice":"auto","parallel_tool_calls":true,)"
    R"("reasoning":{"effort":"low","summary":"auto"},"store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k",)"
    R"("text":{"verbosity":"low"},"client_metadata":{"session_id":"s"}})";
constexpr std::string_view kLite =
    R"({"model":"gpt-6.2-sol","stream":true,"input":[{"type":"additional_tools","id":"at_1","role":"developer","tools":[{"type":"namespace","name":"functions",)"
    R"("tools":[{"type":"custom","name":"exec"}]}]}],"tool_choice":"auto","parallel_tool_calls":false,"reasoning":{"effort":"low","context":"all_turns"},)"
    R"("store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"k","client_metadata":{"session_id":"s"}})";
constexpr std::string_view kLiteWarmUp =
    R"({"type":"response.create","model":"gpt-6.2-sol","stream":true,"input":[],"tool_choice":"auto","parallel_tool_calls":false,"store":false,)"
    R"("generate":false,"client_metadata":{"ws_request_header_x_openai_internal_codex_responses_lite":"true"}})";

TEST(CodexRequestEdits, LeavesWhatCodexSendsAsItIs) {
  EXPECT_EQ(Sent(DecodeRequest(std::string(kClassic), kCodex)), kClassic);
  EXPECT_EQ(Sent(DecodeRequest(std::string(kLite), {.native = true, .responses_lite = true})), kLite);
  EXPECT_EQ(Sent(DecodeRequest(std::string(kLiteWarmUp), {.native = true, .socket = true})), kLiteWarmUp);
}

TEST(CodexRequestEdits, LeavesInstructionsAloneWhateverCodexMakesOfThem) {
  for (const char* value : {R"("")", "null"}) {
    const std::string body = With("instructions", value);
    EXPECT_EQ(Sent(DecodeRequest(body, kCodex)), body) << value;
  }
}

TEST(CodexRequestEdits, TakesWhoeverMarksABodyLiteForCodex) {
  const auto decoded = DecodeRequest(std::string(kLiteWarmUp), {.socket = true});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Sent(decoded), kLiteWarmUp);
  EXPECT_TRUE(decoded->client.native);
  EXPECT_TRUE(decoded->client.responses_lite);
  EXPECT_FALSE(DecodeRequest(std::string(kClassic), kCodex)->client.responses_lite);
}

TEST(CodexRequestEdits, MarksTheMessagesOfASocketThatWasMarkedAtItsHandshake) {
  constexpr ClientTraits kMarked{.native = true, .responses_lite = true, .socket = true};
  const std::string_view mark = R"("ws_request_header_x_openai_internal_codex_responses_lite":"true")";
  const auto decoded = DecodeRequest(std::string(kLite), kMarked);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Member(Sent(decoded), "client_metadata"), "{" + std::string(mark) + R"(,"session_id":"s"})");
  const auto bare = DecodeRequest(R"({"model":"m","input":[],"store":false,"stream":true})", kMarked);
  EXPECT_EQ(Member(Sent(bare), "client_metadata"), "{" + std::string(mark) + "}");
}

TEST(CodexRequestEdits, RepairsItemsOfAnSdkClient) {
  const auto decoded = DecodeRequest(
      R"({"model":"m","input":[{"role":"system","content":"S"},{"role":"user","content":"U","id":"x1"},)"
      R"({"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","id":"msg_1","role":"assistant","content":"A"}]})",
      kSdk);
  ASSERT_TRUE(decoded.ok());
  const auto input = *wire::ParseJson(Member(Sent(decoded), "input"));
  EXPECT_EQ(
      input,
      *wire::ParseJson(
          R"([{"type":"message","role":"developer","content":[{"type":"input_text","text":"S"}]},)"
          R"({"type":"message","role":"user","content":[{"type":"input_text","text":"U"}]},)"
          R"({"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"A"}]}])"));
  EXPECT_THAT(EditsOf(decoded).repaired, ElementsAre("reasoning_without_encrypted_content:2"));
}

TEST(CodexRequestEdits, TakesNullForAbsent) {
  const auto decoded =
      DecodeRequest(R"({"model":"m","input":"x","previous_response_id":null,"temperature":null,"tools":null})", kSdk);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Member(Sent(decoded), "tools"), "");
  EXPECT_THAT(EditsOf(decoded).ignored, IsEmpty());
}

TEST(CodexRequestEdits, RefuseToolsThatCannotBeWrittenAnew) {
  const auto decoded =
      DecodeRequest(R"({"model":"m","input":"x","tools":[{"type":"function","name":"f","y":1e999}]})", kSdk);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(EditsFor(*decoded).error().where, "/tools");
}

TEST(CodexRequestEdits, AskForATierInTheBackendsWords) {
  const auto tier = [](const char* said) {
    return EditsOf(DecodeRequest(With("service_tier", said), kCodex)).service_tier;
  };
  EXPECT_EQ(tier(R"("fast")"), "priority");
  EXPECT_EQ(tier(R"("flex")"), "flex");
  EXPECT_EQ(tier(R"("auto")"), "");
}

TEST(CodexRequestEdits, TellBackWhatTheBackendWasNotTold) {
  const auto echoes = [](std::string body) { return EchoesFor(*DecodeRequest(std::move(body), kSdk)); };
  EXPECT_EQ(echoes(R"({"model":"m","input":"x","metadata":{"a": "b"}})"),
            (Echoes{{"metadata", R"({"a":"b"})"}, {"instructions", "null"}}));
  EXPECT_EQ(echoes(R"({"model":"m","input":"x","instructions":"i","metadata":null})"), Echoes());
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
