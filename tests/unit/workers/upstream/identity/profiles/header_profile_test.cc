#include "workers/upstream/identity/profiles/header_profile.h"

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

CallIdentity From(const Headers& forwarded) {
  CallIdentity call;
  call.session = kSession;
  call.forwarded = &forwarded;
  return call;
}

TEST(HeaderProfile, ShowsTheWholeSetInThePublicClientsOrder) {
  const Headers none;
  CallIdentity call = From(none);
  call.model = "gpt-5.5";
  call.tier = "priority";
  call.traceparent = "00-abc";
  call.cookie = "__cf_bm=1";
  EXPECT_THAT(
      Lines(GenerateHeaders({"tok", "acc-1", true}, call)),
      ElementsAre("authorization: Bearer tok", "chatgpt-account-id: acc-1", "x-openai-fedramp: true",
                  "originator: codex_cli_rs", "user-agent: codex_cli_rs/0.144.0 (Debian 12.0.0; x86_64) xterm-256color",
                  "version: 0.144.0", std::string("session-id: ") + kSession, std::string("thread-id: ") + kSession,
                  std::string("x-client-request-id: ") + kSession, std::string("x-codex-window-id: ") + kSession + ":0",
                  "x-codex-routing-hint: model=gpt-5.5;tier=priority", "traceparent: 00-abc",
                  "accept: text/event-stream", "content-type: application/json", "cookie: __cf_bm=1"));
}

TEST(HeaderProfile, UpgradesInTheOrderOfThePublicClient) {
  const Headers forwarded = {{"originator", "codex_exec"},
                             {"user-agent", "codex_exec/0.169.0"},
                             {"thread-id", "t1"},
                             {"session-id", "s1"},
                             {"x-codex-turn-state", "opaque"},
                             {"x-codex-turn-metadata", "{}"},
                             {"x-codex-beta-features", "remote_compaction_v2"},
                             {"openai-beta", "responses_websockets=2020-01-01"}};
  CallIdentity call = From(forwarded);
  call.cookie = "__cf_bm=1";
  EXPECT_THAT(
      Lines(SocketHeaders(kAccount, call)),
      ElementsAre("chatgpt-account-id: acc-1", "authorization: Bearer tok", "user-agent: codex_exec/0.169.0",
                  "originator: codex_exec", "openai-beta: responses_websockets=2026-02-06",
                  "x-codex-beta-features: remote_compaction_v2", std::string("x-client-request-id: ") + kSession,
                  "session-id: s1", "thread-id: t1", std::string("x-codex-window-id: ") + kSession + ":0",
                  "x-codex-turn-metadata: {}", "cookie: __cf_bm=1"));
}

TEST(HeaderProfile, LeavesACodexClientItsOwnIdentity) {
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

TEST(HeaderProfile, ShowsOurIdentityForAnyOtherClient) {
  const Headers headers =
      GenerateHeaders(kAccount, From({{"user-agent", "OpenAI/JS 5.0"}, {"version", "5"}, {"session-id", "s1"}}));
  EXPECT_EQ(HeaderOr(headers, "user-agent"), kUserAgent);
  EXPECT_EQ(HeaderOr(headers, "version"), kClientVersion);
  EXPECT_EQ(HeaderOr(headers, "session-id"), "s1");
  EXPECT_EQ(FindHeader(headers, "x-codex-installation-id"), nullptr);
}

TEST(HeaderProfile, NeverLetsAClientChooseCredentialsOrFraming) {
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
  for (const char* name : {"cookie", "host", "content-length", "transfer-encoding", "accept-encoding"}) {
    EXPECT_EQ(FindHeader(headers, name), nullptr) << name;
  }
}

TEST(HeaderProfile, BoundsWhatAClientMaySend) {
  const Headers headers = GenerateHeaders(kAccount, From({{"x-codex-turn-metadata", std::string(40'000, 'x')}}));
  EXPECT_EQ(FindHeader(headers, "x-codex-turn-metadata"), nullptr);
}

}  // namespace
}  // namespace patchbay::upstream
