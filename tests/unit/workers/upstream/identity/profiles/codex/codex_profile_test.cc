#include "workers/upstream/identity/profiles/codex/codex_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;

constexpr const char* kSession = "0198c0de-0000-7000-8000-000000000001";
const AccountIdentity kAccount{"tok", "acc-1", false};

std::vector<std::string> Lines(const Headers& headers) {
  std::vector<std::string> lines;
  for (const Header& header : headers) lines.push_back(header.name + ": " + header.value);
  return lines;
}

// `forwarded` outlives the identity, as everywhere.
CallIdentity From(const Headers& forwarded) {
  CallIdentity call;
  call.session = kSession;
  call.forwarded = &forwarded;
  return call;
}

TEST(CodexHeaders, ShowsTheWholeSetInThePublicClientsOrder) {
  const Headers none;
  CallIdentity call = From(none);
  call.model = "gpt-5.5";
  call.tier = "priority";
  call.traceparent = "00-abc";
  call.cookie = "__cf_bm=1";
  EXPECT_THAT(
      Lines(GenerateHeaders({"tok", "acc-1", true}, call)),
      ElementsAre("version: 0.171.0", std::string("x-codex-window-id: ") + kSession + ":0",
                  "x-codex-routing-hint: model=gpt-5.5;tier=priority", std::string("x-client-request-id: ") + kSession,
                  std::string("session-id: ") + kSession, std::string("thread-id: ") + kSession, "traceparent: 00-abc",
                  "accept: text/event-stream", "content-type: application/json", "authorization: Bearer tok",
                  "chatgpt-account-id: acc-1", "x-openai-fedramp: true", "originator: codex_cli_rs",
                  "user-agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color", "cookie: __cf_bm=1",
                  "accept-encoding: zstd,gzip"));
}

// As seen of the public client itself, real-clients §7.1; the order of what the client sent is of no account.
const Headers kOfCodex = {{"thread-id", "t1"},
                          {"session-id", "s1"},
                          {"x-client-request-id", "t1"},
                          {"x-codex-window-id", "t1:3"},
                          {"x-codex-turn-state", "opaque"},
                          {"x-codex-turn-metadata", "{}"},
                          {"x-codex-beta-features", "remote_compaction_v2"},
                          {"x-codex-parent-thread-id", "t0"},
                          {"x-openai-subagent", "collab_spawn"},
                          {"x-openai-internal-codex-responses-lite", "true"},
                          {"x-codex-routing-hint", "model=client-name"}};

TEST(CodexHeaders, PassesWhatACodexClientSaysOfItsTurn) {
  CallIdentity call = From(kOfCodex);
  call.model = "gpt-6.2-sol";
  EXPECT_THAT(
      Lines(GenerateHeaders(kAccount, call)),
      ElementsAre("version: 0.171.0", "x-codex-beta-features: remote_compaction_v2", "x-codex-turn-state: opaque",
                  "x-codex-window-id: t1:3", "x-codex-turn-metadata: {}", "x-codex-parent-thread-id: t0",
                  "x-openai-subagent: collab_spawn", "x-openai-internal-codex-responses-lite: true",
                  "x-codex-routing-hint: model=gpt-6.2-sol", "x-client-request-id: t1", "session-id: s1",
                  "thread-id: t1", "accept: text/event-stream", "content-type: application/json",
                  "authorization: Bearer tok", "chatgpt-account-id: acc-1", "originator: codex_cli_rs",
                  "user-agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color",
                  "accept-encoding: zstd,gzip"));
}

TEST(CodexHeaders, UpgradesInTheOrderOfThePublicClient) {
  CallIdentity call = From(kOfCodex);
  call.cookie = "__cf_bm=1";
  EXPECT_THAT(Lines(SocketHeaders(kAccount, call)),
              ElementsAre("chatgpt-account-id: acc-1", "authorization: Bearer tok",
                          "user-agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color",
                          "originator: codex_cli_rs", "openai-beta: responses_websockets=2026-02-06",
                          "version: 0.171.0", "x-codex-beta-features: remote_compaction_v2", "x-client-request-id: t1",
                          "session-id: s1", "thread-id: t1", "x-codex-window-id: t1:3", "x-codex-turn-metadata: {}",
                          "x-codex-routing-hint: model=client-name", "x-codex-parent-thread-id: t0",
                          "x-openai-subagent: collab_spawn", "cookie: __cf_bm=1"));
}

TEST(CodexHeaders, AsksForADocumentWithoutNamingASession) {
  EXPECT_THAT(Lines(DocumentHeaders(kAccount, From({{"x-codex-turn-metadata", "{}"}}))),
              ElementsAre("version: 0.171.0", "x-codex-turn-metadata: {}", "authorization: Bearer tok",
                          "chatgpt-account-id: acc-1", "content-type: application/json", "originator: codex_cli_rs",
                          "user-agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color", "accept: */*",
                          "accept-encoding: zstd,gzip"));
}

TEST(CodexHeaders, FetchesAsThePublicClientDoes) {
  EXPECT_THAT(
      Lines(FetchHeaders(&kAccount, Surface::kApi, "", "")),
      ElementsAre("version: 0.171.0", "authorization: Bearer tok", "chatgpt-account-id: acc-1",
                  "originator: codex_cli_rs", "user-agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color",
                  "accept: */*", "accept-encoding: zstd,gzip"));
  EXPECT_EQ(FindHeader(FetchHeaders(&kAccount, Surface::kElsewhere, "", ""), "version"), nullptr);
}

TEST(CodexHeaders, RepeatsTheClientsOwnThreadWhereItNamedNothingElse) {
  const Headers headers = GenerateHeaders(kAccount, From({{"thread-id", "t1"}}));
  EXPECT_EQ(HeaderOr(headers, "x-client-request-id"), "t1");
  EXPECT_EQ(HeaderOr(headers, "x-codex-window-id"), "t1:0");
  EXPECT_EQ(HeaderOr(headers, "session-id"), kSession);
}

TEST(CodexHeaders, LeavesACodexClientItsOwnIdentity) {
  const Headers headers = GenerateHeaders(kAccount, From({{"Originator", "codex_vscode"},
                                                          {"User-Agent", "codex_vscode/1.2"},
                                                          {"version", "1.2"},
                                                          {"thread-id", "t1"},
                                                          {"session-id", "s1"},
                                                          {"x-codex-turn-state", "opaque"},
                                                          {"x-codex-installation-id", "theirs"},
                                                          {"openai-beta", "x"}}));
  EXPECT_EQ(HeaderOr(headers, "originator"), "codex_vscode");
  EXPECT_EQ(HeaderOr(headers, "user-agent"), "codex_vscode/1.2");
  EXPECT_EQ(HeaderOr(headers, "version"), "1.2");
  EXPECT_EQ(HeaderOr(headers, "thread-id"), "t1");
  EXPECT_EQ(HeaderOr(headers, "session-id"), "s1");
  EXPECT_EQ(HeaderOr(headers, "x-codex-turn-state"), "opaque");
  EXPECT_EQ(HeaderOr(headers, "x-codex-installation-id"), "theirs");
  EXPECT_EQ(HeaderOr(headers, "openai-beta"), "x");
}

TEST(CodexHeaders, ShowsOurIdentityForAnyOtherClient) {
  const Headers headers =
      GenerateHeaders(kAccount, From({{"user-agent", "OpenAI/JS 5.0"}, {"version", "5"}, {"session-id", "s1"}}));
  EXPECT_EQ(HeaderOr(headers, "user-agent"), UserAgent());
  EXPECT_EQ(HeaderOr(headers, "version"), kClientVersion);
  EXPECT_EQ(HeaderOr(headers, "session-id"), "s1");
  EXPECT_EQ(FindHeader(headers, "x-codex-installation-id"), nullptr);
}

TEST(CodexHeaders, NeverLetsAClientChooseCredentialsOrFraming) {
  const Headers headers = GenerateHeaders(kAccount, From({{"originator", "codex_cli_rs"},
                                                          {"authorization", "Bearer stolen"},
                                                          {"chatgpt-account-id", "other"},
                                                          {"cookie", "x=y"},
                                                          {"host", "evil"},
                                                          {"content-length", "0"},
                                                          {"transfer-encoding", "chunked"},
                                                          {"accept-encoding", "gzip"}}));
  EXPECT_EQ(HeaderOr(headers, "authorization"), "Bearer tok");
  EXPECT_EQ(HeaderOr(headers, "chatgpt-account-id"), "acc-1");
  EXPECT_EQ(HeaderOr(headers, "accept-encoding"), kAcceptEncoding);
  for (const char* name : {"cookie", "host", "content-length", "transfer-encoding"}) {
    EXPECT_EQ(FindHeader(headers, name), nullptr) << name;
  }
}

TEST(CodexHeaders, BoundsWhatAClientMaySend) {
  const Headers headers = GenerateHeaders(kAccount, From({{"x-codex-turn-metadata", std::string(40'000, 'x')}}));
  EXPECT_EQ(FindHeader(headers, "x-codex-turn-metadata"), nullptr);
}

}  // namespace
}  // namespace patchbay::upstream
