#include "lib/base/text.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(Case, IsAsciiAndKnowsNoLocale) {
  EXPECT_EQ(LowerCase("Content-TYPE [\\]^_ \xc3\x84"), "content-type [\\]^_ \xc3\x84");
  EXPECT_EQ(LowerCase('Z'), 'z');
  EXPECT_EQ(LowerCase('@'), '@');
  EXPECT_EQ(UpperCase('a'), 'A');
  EXPECT_EQ(UpperCase('{'), '{');
}

TEST(Case, IsIgnoredInLettersOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-TYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("Content-Type", "Content-Typ"));
  EXPECT_FALSE(EqualsIgnoreCase("a[", "a{"));  // they differ by the bit that makes a letter's case
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
}

TEST(Case, IsIgnoredAtEitherEnd) {
  EXPECT_TRUE(StartsWithIgnoreCase("Bearer x", "bearer "));
  EXPECT_FALSE(StartsWithIgnoreCase("Bear", "bearer"));
  EXPECT_TRUE(EndsWithIgnoreCase("a.Example.COM", ".example.com"));
  EXPECT_FALSE(EndsWithIgnoreCase(".com", "example.com"));
}

TEST(Trim, TakesTheSetFromItsEnds) {
  EXPECT_EQ(Trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(Trim(" a\r ", kBlanks), "a\r");
  EXPECT_EQ(TrimStart("  a "), "a ");
  EXPECT_EQ(TrimEnd(" a  "), " a");
  EXPECT_EQ(Trim(" \n "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(Blank, IsTextOfWhiteSpaceOnly) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r\n"));
  EXPECT_FALSE(IsBlank(" . "));
}

TEST(Letters, AreTheTwentySixOfAsciiInBothCases) {
  int letters = 0, digits = 0;
  for (int c = 0; c < 256; ++c) {
    letters += IsLetter(static_cast<char>(c)) ? 1 : 0;
    digits += IsDigit(static_cast<char>(c)) ? 1 : 0;
  }
  EXPECT_EQ(letters, 52);
  EXPECT_EQ(digits, 10);
  EXPECT_TRUE(IsLetterOrDigit('7') && IsLetterOrDigit('q'));
}

}  // namespace
}  // namespace patchbay
