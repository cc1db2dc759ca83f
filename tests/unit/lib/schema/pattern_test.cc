#include "lib/schema/pattern.h"

#include <gtest/gtest.h>

namespace patchbay::schema {
namespace {

// Each was tried on Python 3.11's re.compile, which also takes "(?>a)" and "a++"; older ones do not.
TEST(PythonPattern, IsWhatPythonReads) {
  for (const char* pattern : {"",
                              "^[a-z0-9_-]+$",
                              R"(^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$)",
                              R"(^https?://[^\s/$.?#].[^\s]*$)",
                              "^(?:a|b)*$",
                              "^(?!.*--)[a-z-]+$",
                              "(?=.*[A-Z])(?=.*\\d).{8,}",
                              "(?<=ab)c",
                              "(?<![a-z])x",
                              "(?P<year>\\d+)-(?P=year)",
                              R"((a)\1)",
                              R"(\u00e4\x41\t\.\/\-)",
                              "[]a]",
                              "[^]]",
                              "[a-]",
                              "[-a]",
                              R"([\w.-])",
                              R"([\d\-x])",
                              "a{2}",
                              "a{2,}?",
                              "a{,3}",
                              "a{x}",
                              "{",
                              "a{1",
                              "x*?y+?z??",
                              "(?i:abc)",
                              "(?#note)a",
                              "[а-я]+",
                              R"(\$\{[^}]+\})",
                              R"([\0-\x1f])",
                              "[\\]]",
                              "^$",
                              "a|",
                              "|",
                              "(|a)",
                              "(?i)abc",
                              R"(\bword\b)",
                              R"(\Aa\Z)"}) {
    EXPECT_TRUE(IsPythonPattern(pattern)) << pattern;
  }
}

TEST(PythonPattern, IsNotWhatOnlyOthersRead) {
  for (const char* pattern : {R"(^\p{L}+$)",
                              R"(\P{Lu})",
                              R"([\p{L}\d])",
                              "(?<year>\\d+)",
                              R"(\k<year>)",
                              R"([\w-.]+)",
                              R"([a-\d])",
                              R"(\u{1F600})",
                              R"(\cA)",
                              R"(\h)",
                              R"(\z)",
                              R"(\e)",
                              R"(\x{41})",
                              R"(\x4)",
                              R"(\u12)",
                              "(?>a)",
                              "a++",
                              "a**",
                              "*a",
                              "+",
                              "(*a)",
                              "|*",
                              "^*",
                              "a{3,1}",
                              "(a",
                              "a)",
                              "[a",
                              "[z-a]",
                              R"(\)",
                              R"([\)",
                              R"(\1)",
                              R"((a)\2)",
                              "a(?i)b",
                              "(?<=a*)b",
                              "(?<=a|bc)d",
                              "(?P<1a>x)",
                              "(?P<a>x)(?P<a>y)",
                              "(?P=none)",
                              "(?'a'x)",
                              "(?R)",
                              R"(\Qa\E)",
                              "(?",
                              "a{99999999999999999999}"}) {
    EXPECT_FALSE(IsPythonPattern(pattern)) << pattern;
  }
}

TEST(PythonPattern, IsReadOnlySoDeep) {
  EXPECT_TRUE(IsPythonPattern(std::string(40, '(') + std::string(40, ')')));
  EXPECT_FALSE(IsPythonPattern(std::string(100'000, '(')));
}

}  // namespace
}  // namespace patchbay::schema
