#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

#include <gtest/gtest.h>

#include "lib/wire/json.h"

namespace patchbay::frontend::openai_responses {
namespace {

constexpr ClientTraits kSdk{};
constexpr ClientTraits kNative{.native = true};

// What the Codex CLI sends, with spacing and escapes that a rewrite would lose.
constexpr const char* kBody =
    R"({ "model":"gpt-5.5", "instructions":"You are Codex", "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"caf\u00e9"}]},)"
    R"({"type":"brand_new","x":1.50}],"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{},"store":false,"stream":true,)"
    R"("include":["reasoning.encrypted_content"],"prompt_cache_key":"k","client_metadata":{"a":"b"} })";

std::string With(std::string_view field, std::string_view value) {
  return *wire::SpliceTopLevel(kBody, field, value, wire::IfMissing::kInsert);
}
// What a provider without rules of its own gets.
std::string Sent(const Result<DecodedRequest>& decoded) { return decoded->With(decoded->edits.changes); }
class StillClock final : public Clock {
 public:
  WallTime Now() const override { return {}; }
  SteadyTime Steady() const override { return {}; }
};

TEST(ResponsesRequestDecoder, LeavesAPlainProviderEverythingThatTheClientSaid) {
  const std::string body =
      R"({ "model":"m","input":[{"role":"system","content":"S"}],"temperature":0.5,"store":true,"stream":true,"tools":[{"type":"web_search_preview"}],)"
      R"("metadata":{"a":"b"},"background":false,"service_tier":"fast","user":null })";
  const auto decoded = DecodeRequest(body, kSdk);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(Sent(decoded), body);
  EXPECT_EQ(decoded->edits.service_tier, "fast");
  EXPECT_TRUE(decoded->needs_tools);
  EXPECT_TRUE(decoded->echoes.empty());
}

TEST(ResponsesRequestDecoder, AsksForAStreamAndCollectsItWhereTheClientWantedNone) {
  EXPECT_EQ(Sent(DecodeRequest(R"({"model":"m","input":"x"})", kSdk)), R"({"model":"m","input":"x","stream":true})");
  EXPECT_EQ(Sent(DecodeRequest(R"({"model":"m","input":"x","stream":false})", kSdk)),
            R"({"model":"m","input":"x","stream":true})");
}

TEST(ResponsesRequestDecoder, PutsTheTurnsBeforeInFrontOfThisOne) {
  StoredResponses store{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  StillClock clock;
  ClientResponses stored(store, "key", clock);
  StoredResponse response;
  response.id = "resp_1";
  response.input = std::make_shared<const std::string>(R"({"a":1})");
  response.output = std::make_shared<const std::string>(R"({"b":2})");
  ASSERT_TRUE(stored.Put(response));
  const auto decoded = DecodeRequest(
      R"({"model":"m","previous_response_id":"resp_1","input":[{"role":"user","content":"x"}],"stream":true})", kSdk,
      &stored);
  EXPECT_EQ(Sent(decoded), R"({"model":"m","input":[{"a":1},{"b":2},{"role":"user","content":"x"}],"stream":true})");
  EXPECT_EQ(decoded->echoes, (Echoes{{"previous_response_id", R"("resp_1")"}}));
}

TEST(ResponsesRequestDecoder, RefusesAReferenceToAStoredItem) {
  const auto decoded = DecodeRequest(R"({"model":"m","input":[{"type":"item_reference","id":"rs_1"}]})", kSdk);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().where, "/input/0");
}

TEST(ResponsesRequestDecoder, KeepsTheAnswerUnlessStoreIsFalseAndThereIsAPlace) {
  StoredResponses store{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  StillClock clock;
  ClientResponses stored(store, "key", clock);
  EXPECT_TRUE(DecodeRequest(R"({"model":"m","input":"x"})", kSdk, &stored)->keep);
  EXPECT_TRUE(DecodeRequest(R"({"model":"m","input":"x","store":true})", kSdk, &stored)->keep);
  EXPECT_FALSE(DecodeRequest(R"({"model":"m","input":"x","store":false})", kSdk, &stored)->keep);
  EXPECT_FALSE(DecodeRequest(R"({"model":"m","input":"x"})", kSdk)->keep);
}

TEST(ResponsesRequestDecoder, RecognisesAConversationThatGoesOnByItsBeginning) {
  StoredResponses store{{.bytes = 1 << 20, .max_age = std::chrono::hours(1)}};
  StillClock clock;
  ClientResponses stored(store, "key", clock);
  StoredResponse response;
  response.id = "resp_1";
  response.input = response.output = std::make_shared<const std::string>();
  response.first_turn = "how it began";
  response.cache_key = "k";
  ASSERT_TRUE(stored.Put(response));
  const auto decoded =
      DecodeRequest(R"({"model":"m","previous_response_id":"resp_1","instructions":"new","input":"x"})", kSdk, &stored);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->first_turn, "how it began");
  EXPECT_EQ(decoded->cache_key, "k");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","previous_response_id":"resp_1","prompt_cache_key":"own","input":"x"})", kSdk,
                          &stored)
                ->cache_key,
            "own");
}

TEST(ResponsesRequestDecoder, NamesWhatIsWrong) {
  EXPECT_EQ(DecodeRequest(R"({"input":"x"})", kSdk).error().where, "/model");
  EXPECT_EQ(DecodeRequest(R"({"model":5,"input":"x"})", kSdk).error().where, "/model");
  EXPECT_EQ(DecodeRequest(R"({"model":"m"})", kSdk).error().where, "/input");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":5})", kSdk).error().where, "/input");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":"x","stream":"yes"})", kSdk).error().where, "/stream");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":[{"role":"user","content":"x","y":1e999}]})", kSdk).error().where,
            "/input");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":"x","metadata":{"y":1e999}})", kSdk).error().where, "/metadata");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":"x","include":"all"})", kSdk).error().where, "/include");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":"x","tools":{}})", kSdk).error().where, "/tools");
  EXPECT_EQ(DecodeRequest(R"({"model":"m","input":"x","tools":[{"type":"web_search"},7]})", kSdk).error().where,
            "/tools/1");
  for (const char* body : {"", "[]", "{", "\"x\"", R"({"model":"a","model":"b","input":"x"})"}) {
    EXPECT_FALSE(DecodeRequest(body, kNative).ok()) << body;
  }
}

TEST(ResponsesRequestDecoder, TellsTheEffortAndLeavesItToAccounts) {
  const auto effort = [](std::string_view reasoning) {
    const auto decoded = DecodeRequest(With("reasoning", reasoning), kNative);
    EXPECT_EQ(Sent(decoded), With("reasoning", reasoning)) << "nothing is changed here";
    return decoded->effort;
  };
  EXPECT_EQ(effort(R"({"summary":"auto","effort":"ultra"})"), "ultra");
  EXPECT_EQ(effort(R"({"effort":"\u006dax"})"), "max");
  for (const char* none : {"{}", "[]", R"("high")", R"({"effort":null})"}) EXPECT_EQ(effort(none), "") << none;
  // What is wrong the backend says in its own words; for a key's highest effort it is not little.
  for (const char* odd : {R"({"effort":3})", R"({"effort":"a","effort":"b"})"}) {
    EXPECT_EQ(effort(odd), "unreadable") << odd;
  }
  EXPECT_NE(effort(R"({"effort":")" + std::string(1000, 'x') + R"("})"), "");
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses
