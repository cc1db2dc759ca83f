#include "workers/accounts/login/record.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

TEST(LoginRecord, ComesBackAsItWasWritten) {
  LoginRecord record;
  record.id = LoginId("lgn_1");
  record.provider = "mine";
  record.label = "wörk";
  record.by_device = true;
  record.account = AccountId("acc_1");
  record.phase = LoginPhase::kExchanging;
  record.ends_at = WallTime(std::chrono::milliseconds(1'790'000'000'123));
  record.verifier = Secret("verifier");
  record.state = Secret("state");
  record.device = {Secret("device"), "ABCD-1", "https://p.example/d", std::chrono::seconds(7),
                   std::chrono::seconds(900)};
  record.code = Secret("code");
  record.redirect_uri = "http://localhost:1/cb";
  const auto back = ReadLoginRecord(WriteLoginRecord(record).Reveal());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->id, record.id);
  EXPECT_EQ(back->provider, "mine");
  EXPECT_EQ(back->label, "wörk");
  EXPECT_TRUE(back->by_device);
  EXPECT_EQ(back->account, AccountId("acc_1"));
  EXPECT_EQ(back->phase, LoginPhase::kExchanging);
  EXPECT_EQ(back->ends_at, record.ends_at);
  EXPECT_EQ(back->verifier.Reveal(), "verifier");
  EXPECT_EQ(back->state.Reveal(), "state");
  EXPECT_EQ(back->device.secret.Reveal(), "device");
  EXPECT_EQ(back->device.user_code, "ABCD-1");
  EXPECT_EQ(back->device.page, "https://p.example/d");
  EXPECT_EQ(back->device.interval, std::chrono::seconds(7));
  EXPECT_EQ(back->code.Reveal(), "code");
  EXPECT_EQ(back->redirect_uri, "http://localhost:1/cb");
}

TEST(LoginRecord, IsNothingWhenItIsNoneOfOurs) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"id":"lgn_1"})", R"({"provider":"mine"})", R"({"id":1,"provider":2})"})
    EXPECT_FALSE(ReadLoginRecord(text).has_value()) << text;
  const auto hurried = ReadLoginRecord(R"({"id":"l","provider":"p","interval":-3,"ends_at":"x","by_device":1})");
  ASSERT_TRUE(hurried.has_value());
  EXPECT_EQ(hurried->device.interval, std::chrono::seconds(1)) << "nobody is asked without a pause";
  EXPECT_FALSE(hurried->by_device);
}

}  // namespace
}  // namespace patchbay::accounts
