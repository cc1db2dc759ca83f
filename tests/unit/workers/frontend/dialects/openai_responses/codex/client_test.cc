#include "workers/frontend/dialects/openai_responses/codex/client.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace patchbay::frontend::openai_responses::codex {
namespace {

bool IsCodex(const std::map<std::string, std::string, std::less<>>& headers) {
  return IsCodexClient([&](std::string_view name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  });
}

TEST(IsCodexClient, KnowsEveryProgramOfTheFamilyByItsOriginator) {
  for (const char* originator : {"codex_cli_rs", "codex-tui", "codex_exec", "codex_vscode", "Codex Desktop",
                                 "codex_atlas", "codex_chatgpt_desktop", "codex"}) {
    EXPECT_TRUE(IsCodex({{"originator", originator}})) << originator;
  }
}

TEST(IsCodexClient, KnowsThemByTheirUserAgent) {
  EXPECT_TRUE(IsCodex({{"user-agent", "codex_exec/0.171.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.171.0)"}}));
  EXPECT_TRUE(IsCodex({{"user-agent", "Codex Desktop/1.2 (Mac OS 15.5.0; arm64) unknown"}}));
}

TEST(IsCodexClient, KnowsAProgramThatEmbedsItByWhatOnlyCodexSends) {
  EXPECT_TRUE(IsCodex({{"originator", "my_editor"}, {"x-codex-window-id", "t:0"}}));
  EXPECT_TRUE(IsCodex({{"originator", "my_editor"}, {"x-openai-internal-codex-responses-lite", "true"}}));
}

TEST(IsCodexClient, TakesNobodyElseForIt) {
  EXPECT_FALSE(IsCodex({}));
  EXPECT_FALSE(IsCodex({{"user-agent", "OpenAI/JS 7.59.0"}}));
  EXPECT_FALSE(IsCodex({{"originator", "codexbar"}, {"user-agent", "Codexia/1.0"}}));
  EXPECT_FALSE(IsCodex({{"originator", "opencode"}, {"user-agent", "like codex_exec/0.171.0"}}));
  EXPECT_FALSE(IsCodex({{"x-openai-internal-codex-responses-lite", "false"}}));
}

TEST(LiteMember, IsReadWhereverItStands) {
  EXPECT_TRUE(HasLiteMember(R"({"a":"b","ws_request_header_x_openai_internal_codex_responses_lite":"true"})"));
  EXPECT_FALSE(HasLiteMember(R"({"ws_request_header_x_openai_internal_codex_responses_lite":"false"})"));
  EXPECT_FALSE(HasLiteMember(R"({"a":"ws_request_header_x_openai_internal_codex_responses_lite"})"));
  EXPECT_FALSE(HasLiteMember(R"({"a":{"ws_request_header_x_openai_internal_codex_responses_lite":"true"}})"));
  EXPECT_FALSE(HasLiteMember("{}"));
  EXPECT_FALSE(HasLiteMember("5"));
}

TEST(HeadersFor, MarkALiteRequestThatOnlyItsBodyMarked) {
  DecodedRequest request;
  request.client.responses_lite = true;
  const HeaderList marked = {{"thread-id", "t"}, {std::string(kLiteHeader), "true"}};
  EXPECT_EQ(HeadersFor(request, {{"thread-id", "t"}}), marked);
  EXPECT_EQ(HeadersFor(request, marked), marked);
  request.client.socket = true;
  EXPECT_EQ(HeadersFor(request, {}), HeaderList()) << "there it stands inside the frame";
}

TEST(HeadersFor, AnnounceACompactionThatTheGatewayAsksFor) {
  DecodedRequest request;
  request.client.compacts = true;
  EXPECT_EQ(HeadersFor(request, {}), (HeaderList{{"x-codex-beta-features", "remote_compaction_v2"}}));
  const HeaderList own = {{"x-codex-beta-features", "a"}};
  EXPECT_EQ(HeadersFor(request, own), own);
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
