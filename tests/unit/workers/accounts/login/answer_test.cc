#include "workers/accounts/login/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LoginAnswer Read(const std::string& text) {
  auto answer = ReadLoginAnswer(text);
  EXPECT_TRUE(answer.ok()) << text << ": " << (answer.ok() ? "" : answer.error().message);
  return answer.ok() ? *answer : LoginAnswer();
}

TEST(LoginAnswer, IsTheAddressThatTheBrowserEndedAt) {
  const LoginAnswer answer = Read(" http://localhost:1457/auth/callback?code=ac_1%2Bx&scope=a+b&state=st-1#frag\n");
  EXPECT_EQ(answer.code.Reveal(), "ac_1+x");
  EXPECT_EQ(answer.state.Reveal(), "st-1");
  EXPECT_EQ(answer.port, 1457);
  EXPECT_TRUE(answer.needs_state);
}

TEST(LoginAnswer, IsItsQueryAlone) {
  for (const char* text : {"code=ac_1&state=st-1", "?code=ac_1&state=st-1", "state=st-1&code=ac_1",
                           "/auth/callback?code=ac_1&state=st-1"}) {
    const LoginAnswer answer = Read(text);
    EXPECT_EQ(answer.code.Reveal(), "ac_1") << text;
    EXPECT_EQ(answer.state.Reveal(), "st-1") << text;
    EXPECT_TRUE(answer.needs_state) << text;
    EXPECT_EQ(answer.port, 0) << text;
  }
}

TEST(LoginAnswer, IsACodeWithOrWithoutItsState) {
  EXPECT_EQ(Read("ac_1").code.Reveal(), "ac_1");
  EXPECT_FALSE(Read("ac_1").needs_state);
  EXPECT_EQ(Read("ac_1#st-1").code.Reveal(), "ac_1");
  EXPECT_EQ(Read("ac_1#st-1").state.Reveal(), "st-1");
}

TEST(LoginAnswer, SaysThatThereIsNoCode) {
  const LoginAnswer answer =
      Read("http://localhost:1455/auth/callback?error=access_denied&error_description=You+said%0Ano&state=s");
  EXPECT_EQ(answer.error, "access_denied");
  EXPECT_EQ(answer.description, "You said\\x0Ano") << "printable, whatever it holds";
  EXPECT_TRUE(answer.code.empty());
}

TEST(LoginAnswer, IsRefusedWithoutBeingQuoted) {
  const std::string secret = "hunter2hunter2";
  for (const std::string& text :
       {std::string(), std::string(" \n"), "two " + secret, "http://localhost:1455/auth/callback#" + secret,
        "http://localhost:1455/?state=" + secret, "#" + secret, secret + "\x01", std::string(9000, 'x')}) {
    const auto answer = ReadLoginAnswer(text);
    ASSERT_FALSE(answer.ok()) << text;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(answer.error().message, Not(HasSubstr(secret)));
    EXPECT_THAT(answer.error().message, HasSubstr("paste the whole address"));
  }
}

}  // namespace
}  // namespace patchbay::accounts
