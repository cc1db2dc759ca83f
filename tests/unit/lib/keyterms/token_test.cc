#include "lib/keyterms/token.h"

#include <gtest/gtest.h>

namespace patchbay::keyterms {
namespace {

TEST(Token, ThatWasDrawnWillDo) {
  for (const char* token : {"6f1c0b9ad2e84735", "pb-k3J9xQ2mZ7vR5tW8yB1nC4", "correct horse battery staple"}) {
    EXPECT_EQ(TokenProblem(token), "") << token;
  }
}

TEST(Token, IsNotShort) { EXPECT_EQ(TokenProblem("k3J9xQ2mZ7vR5tW"), "is shorter than 16 characters"); }

TEST(Token, IsNotOneThatExamplesUse) {
  for (const char* token : {"your-api-key-1-of-many", "sk-YOUR_KEY_goes-in", "please-changeme-now",
                            "sk-1234567890abcdef", "my-secret-key-for-ci", "example-token-42-xyz"}) {
    EXPECT_EQ(TokenProblem(token), "is one that examples use") << token;
  }
}

TEST(Token, IsNotOneOfFewCharacters) {
  EXPECT_EQ(TokenProblem("xxxxxxxxxxxxxxxxxxxxxxxx"), "is too easy to guess");
  EXPECT_EQ(TokenProblem("sk-00000000000000000000"), "is too easy to guess");
}

TEST(Token, IsNeverShownByItsProblem) { EXPECT_EQ(TokenProblem("hunter2").find("hunter2"), std::string::npos); }

}  // namespace
}  // namespace patchbay::keyterms
