#include "workers/accounts/providers/codex/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using PollKind = DevicePoll::Kind;

catalog::v1::OAuth Client() {
  catalog::v1::OAuth oauth;
  oauth.set_client_id("app_1");
  return oauth;
}

TEST(CodexDevice, AsksInJson) {
  EXPECT_EQ(AskCodexDevice(Client()).body.Reveal(), R"({"client_id":"app_1"})");
  DeviceCode code;
  code.secret = Secret("dev_1");
  code.user_code = "ABCD-12345";
  const TokenRequest poll = PollCodexDevice(Client(), code);
  EXPECT_EQ(poll.content_type, "application/json");
  EXPECT_EQ(poll.body.Reveal(), R"({"device_auth_id":"dev_1","user_code":"ABCD-12345"})");
}

TEST(CodexDevice, ReadsACodeWhoseIntervalIsAText) {
  const DeviceReply reply = ReadCodexDevice(200, R"({"device_auth_id":"d","usercode":"AB-1","interval":"7"})");
  EXPECT_EQ(reply.kind, DeviceReply::Kind::kCode);
  EXPECT_EQ(reply.code.secret.Reveal(), "d");
  EXPECT_EQ(reply.code.user_code, "AB-1");
  EXPECT_EQ(reply.code.interval, std::chrono::seconds(7));
  EXPECT_EQ(ReadCodexDevice(200, R"({"device_auth_id":"d","user_code":"AB-1","interval":9})").code.interval,
            std::chrono::seconds(9));
}

TEST(CodexDevice, SaysWhyThereIsNoCode) {
  EXPECT_EQ(ReadCodexDevice(404, "").kind, DeviceReply::Kind::kRefused);
  EXPECT_THAT(ReadCodexDevice(404, "").evidence, HasSubstr("not enabled for the workspace"));
  EXPECT_EQ(ReadCodexDevice(503, "").kind, DeviceReply::Kind::kTransient);
  EXPECT_EQ(ReadCodexDevice(200, "{}").kind, DeviceReply::Kind::kTransient);
}

TEST(CodexDevice, WaitsUntilThePersonIsDone) {
  EXPECT_EQ(ReadCodexPoll(403, "").kind, PollKind::kPending);
  EXPECT_EQ(ReadCodexPoll(404, "<html>").kind, PollKind::kPending);
  const DevicePoll poll = ReadCodexPoll(200, R"({"authorization_code":"ac","code_challenge":"c","code_verifier":"v"})");
  EXPECT_EQ(poll.kind, PollKind::kCode);
  EXPECT_EQ(poll.code.Reveal(), "ac");
  EXPECT_EQ(poll.verifier.Reveal(), "v");
  EXPECT_EQ(ReadCodexPoll(400, R"({"error":"gone"})").kind, PollKind::kRefused);
  EXPECT_EQ(ReadCodexPoll(500, "").kind, PollKind::kTransient);
  EXPECT_EQ(ReadCodexPoll(200, R"({"authorization_code":"ac"})").kind, PollKind::kTransient);
}

}  // namespace
}  // namespace patchbay::accounts
