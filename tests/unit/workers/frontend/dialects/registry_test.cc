#include "workers/frontend/dialects/registry.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "lib/keyterms/terms.h"
#include "tests/unit/workers/frontend/dialects/models_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;
using testing_models::Models;

using Headers = std::map<std::string, std::string, std::less<>>;

HeaderLookup LookupIn(const Headers& headers) {
  return [&headers](std::string_view name) {
    const auto it = headers.find(name);
    return it == headers.end() ? std::string_view() : std::string_view(it->second);
  };
}

const Dialects& All() {
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  return kDialects;
}

std::string ClaimantOf(const Headers& headers, std::string_view query = "") {
  const Dialect* claimant = All().ClaimantOf(LookupIn(headers), query);
  return claimant == nullptr ? "" : std::string(claimant->name());
}

std::string SessionSource(std::string_view dialect, const Headers& headers) {
  return std::string(All().SessionOf(*All().Find(dialect), LookupIn(headers)).source);
}

TEST(Dialects, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const auto& dialect : All().all()) {
    EXPECT_TRUE(names.insert(dialect->name()).second) << dialect->name();
    EXPECT_EQ(All().Find(dialect->name()), dialect.get());
  }
  EXPECT_EQ(All().Find("klingon"), nullptr);
  EXPECT_EQ(All().usual().name(), "openai_chat");
}

TEST(Dialects, ClaimTheirClients) {
  EXPECT_EQ(ClaimantOf({}), "");
  EXPECT_EQ(ClaimantOf({{"anthropic-version", "2023-06-01"}}), "anthropic");
  EXPECT_EQ(ClaimantOf({{"x-goog-api-key", "k"}}), "gemini");
  EXPECT_EQ(ClaimantOf({{"x-goog-api-client", "genai-js"}}), "gemini");
  EXPECT_EQ(ClaimantOf({}, "key=k"), "gemini");
  EXPECT_EQ(ClaimantOf({}, "client_version=0.171.0"), "chatgpt");
  EXPECT_EQ(ClaimantOf({{"x-api-key", "k"}, {"authorization", "Bearer k"}}), "");
}

TEST(Dialects, FindTheSessionInTheHeadersOfTheirClients) {
  EXPECT_EQ(SessionSource("openai_responses", {{"thread-id", "t"}, {"session-id", "s"}}), "thread-id");
  EXPECT_EQ(SessionSource("openai_responses", {{"session_id", "s"}}), "session_id");
  EXPECT_EQ(SessionSource("openai_chat", {{"x-session-affinity", "s"}}), "x-session-affinity");
  EXPECT_EQ(SessionSource("anthropic", {{"x-claude-code-session-id", "s"}}), "x-claude-code-session-id");
  EXPECT_EQ(SessionSource("anthropic", {{"x-session-id", "s"}}), "x-session-id") << "another dialect's";
  EXPECT_EQ(SessionSource("anthropic", {{"thread-id", "t"}, {"x-claude-code-session-id", "s"}}),
            "x-claude-code-session-id")
      << "its own before another's";
  EXPECT_EQ(SessionSource("gemini", {}), "");
}

TEST(Dialects, KeepAThreadThatWorksForAnotherWithTheSession) {
  EXPECT_EQ(
      SessionSource("openai_responses", {{"thread-id", "t"}, {"session-id", "s"}, {"x-codex-parent-thread-id", "s"}}),
      "session-id");
  EXPECT_EQ(SessionSource("openai_responses", {{"thread-id", "t"}, {"x-codex-parent-thread-id", "s"}}), "thread-id");
}

TEST(Dialects, ListTheModelsInTheirShape) {
  const auto list = [](std::string_view dialect, std::string_view query = "") {
    return All().Find(dialect)->EncodeModels({.query = query, .if_none_match = ""}, Models());
  };
  EXPECT_THAT(list("openai_chat")->body, StartsWith(R"({"object":"list")"));
  EXPECT_THAT(list("openai_responses")->body, StartsWith(R"({"object":"list")"));
  EXPECT_THAT(list("chatgpt", "client_version=1")->body, StartsWith(R"({"models":[)"));
  EXPECT_THAT(list("anthropic")->body, HasSubstr(R"("has_more":false)"));
  EXPECT_THAT(list("gemini")->body, HasSubstr(R"("name":"models/gpt-5.5")"));
  for (const char* dialect : {"openai_chat", "anthropic", "gemini"}) {
    EXPECT_THAT(list(dialect)->headers, Contains(Pair("content-type", "application/json"))) << dialect;
    EXPECT_THAT(All().Find(dialect)->EncodeModel(Models().models(0)).body, HasSubstr("gpt-5.5")) << dialect;
  }
  EXPECT_EQ(list("anthropic", "limit=x").error().code, ErrorCode::kInvalidArgument);
}

TEST(Dialects, AreThoseThatKeysCanBeLimitedTo) {
  std::set<std::string_view> known = {"gateway"};  // over gRPC
  for (const auto& dialect : All().all()) known.insert(dialect->name());
  const auto words = keyterms::ClientDialects();
  EXPECT_EQ(std::set<std::string_view>(words.begin(), words.end()), known);
}

}  // namespace
}  // namespace patchbay::frontend
