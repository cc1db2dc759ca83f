#include "workers/frontend/dialects/openai_responses/codex/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace patchbay::frontend::openai_responses::codex {
namespace {

constexpr std::string_view kSearch =
    R"({"id":"thread-1","model":"gpt-5.5","input":[{"type":"message","role":"user","content":[]}], "commands":{"search_query":[{"q":"oslo"}]},"max_output_tokens":9})";

Result<DecodedCall> Decode(const Dialect& dialect, std::string_view body,
                           const std::map<std::string, std::string, std::less<>>& headers = {}) {
  DialectRequest request;
  request.body = body;
  request.header = [&](std::string_view name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  };
  return dialect.Decode(std::move(request));
}

GrantTerms TermsOf(std::string model) {
  GrantTerms terms;
  terms.model = std::move(model);
  terms.relay = true;
  return terms;
}
// As it goes out to a provider that has the model by that name.
RelayedRequest RelayedOf(const Result<DecodedCall>& decoded) {
  return *decoded->call.payload.bytes->Relayed(TermsOf(decoded->call.model));
}

TEST(DocumentRelay, PassesASearchByteForByteUnderTheThreadThatItNames) {
  const auto dialect = MakeSearchDialect();
  const auto decoded = Decode(*dialect, kSearch, {{"x-codex-turn-metadata", "{}"}, {"originator", "codex_exec"}});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*RelayedOf(decoded).body, kSearch);
  EXPECT_EQ(decoded->call.payload.bytes->dialect(), "openai_search");
  EXPECT_EQ(decoded->call.model, "gpt-5.5");
  EXPECT_EQ(decoded->call.affinity.cache_key, "thread-1");
  EXPECT_EQ(RelayedOf(decoded).headers, (HeaderList{{"x-codex-turn-metadata", "{}"}}));
  EXPECT_FALSE(decoded->reply.stream);
}

TEST(DocumentRelay, SearchesForTheSessionOfAThreadThatWorksForAnother) {
  const auto of = [&](const char* metadata) {
    return Decode(*MakeSearchDialect(), kSearch, {{"x-codex-turn-metadata", metadata}})->call.affinity.cache_key;
  };
  EXPECT_EQ(of(R"({"session_id":"root","thread_id":"thread-1"})"), "root");
  for (const char* metadata : {R"({"session_id":""})", R"({"session_id":5})", "{", "[]"}) {
    EXPECT_EQ(of(metadata), "thread-1") << metadata;
  }
}

TEST(DocumentRelay, PassesSummariesTheSameWay) {
  const auto dialect = MakeMemoriesDialect();
  const std::string_view body = R"({"model":"m","traces":[{"id":"1","items":[]}]})";
  const auto decoded = Decode(*dialect, body);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*RelayedOf(decoded).body, body);
  EXPECT_EQ(decoded->call.payload.bytes->dialect(), "openai_memories");
  EXPECT_EQ(decoded->call.affinity.cache_key, "");
}

TEST(DocumentRelay, PutsInTheGrantedModelAndEffortAndNoTier) {
  const auto decoded = Decode(*MakeSearchDialect(), R"({"id":"t","model":"a"})");
  GrantTerms terms = TermsOf("b");
  terms.reasoning_effort = "low";
  terms.service_tier = "priority";
  EXPECT_EQ(*decoded->call.payload.bytes->Relayed(terms)->body,
            R"({"reasoning":{"effort":"low"},"id":"t","model":"b"})");
}

TEST(DocumentRelay, SaysWhatEffortItAsksForAndWritesThatOnlyAnew) {
  const std::string_view body = R"({"id":"t","model":"a","reasoning":{"effort":"xhigh", "summary":null}})";
  const auto decoded = Decode(*MakeSearchDialect(), body);
  EXPECT_EQ(decoded->call.payload.effort(), "xhigh");
  GrantTerms terms = TermsOf("a");
  terms.reasoning_effort = "xhigh";
  EXPECT_EQ(*decoded->call.payload.bytes->Relayed(terms)->body, body);
  terms.reasoning_effort = "low";
  terms.effort_fitted = true;
  EXPECT_EQ(*decoded->call.payload.bytes->Relayed(terms)->body,
            R"({"id":"t","model":"a","reasoning":{"effort":"low", "summary":null}})");
}

TEST(DocumentRelay, HasNoOtherForm) {
  const auto decoded = Decode(*MakeSearchDialect(), kSearch);
  EXPECT_TRUE(decoded->call.payload.needs_relay);
  EXPECT_FALSE(decoded->call.payload.bytes->Translated().ok());
}

TEST(DocumentRelay, GivesTheAnswerByteForByte) {
  const auto encoder = Decode(*MakeSearchDialect(), kSearch)->reply.relayed(CallRoute());
  std::string out;
  for (const char* piece : {R"({"output":)", R"( "x"})"}) ASSERT_TRUE(encoder->Bytes(piece, out).ok());
  ASSERT_TRUE(encoder->End(out).ok());
  EXPECT_EQ(out, R"({"output": "x"})");
}

TEST(DocumentRelay, RefusesWhatCannotBeLeasedFor) {
  const auto dialect = MakeSearchDialect();
  EXPECT_EQ(Decode(*dialect, R"({"id":"t"})").error().where, "/model");
  EXPECT_EQ(Decode(*dialect, R"({"id":"t","model":5})").error().where, "/model");
  for (const char* body : {"", "[]", "{", R"({"model":"a","model":"b"})"}) {
    EXPECT_FALSE(Decode(*dialect, body).ok()) << body;
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
