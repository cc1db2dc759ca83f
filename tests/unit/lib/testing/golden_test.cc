#include "lib/testing/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "lib/base/random.h"

namespace patchbay::testing {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

class GoldenTest : public ::testing::Test {
 protected:
  GoldenTest() {
    std::filesystem::create_directory(case_);
    if (updating_) unsetenv("UPDATE_GOLDENS");  // that is for the tests that have goldens
  }
  ~GoldenTest() override {
    std::filesystem::remove_all(case_);
    if (updating_) setenv("UPDATE_GOLDENS", "1", 1);
  }
  void Write(std::string_view text) { std::ofstream(case_ / "f.txt", std::ios::binary) << text; }
  // What is said of a text that differs.
  std::string Difference(std::string_view actual) {
    const auto matched = MatchGolden(case_, "f.txt", actual);
    EXPECT_FALSE(matched.ok()) << actual;
    return matched.ok() ? "" : matched.error().message;
  }

  const bool updating_ = std::getenv("UPDATE_GOLDENS") != nullptr;
  const std::filesystem::path case_ = std::filesystem::temp_directory_path() / RandomId("pb-golden-");
};

TEST_F(GoldenTest, MatchesToTheByte) {
  Write("a\r\nb\0c"s);
  EXPECT_TRUE(MatchGolden(case_, "f.txt", "a\r\nb\0c"s).ok());
}

TEST_F(GoldenTest, ShowsTheFirstLineThatDiffers) {
  Write("one\ntwo\nthree\n");
  EXPECT_THAT(Difference("one\n2\n3\n"), HasSubstr("line 2\n  expected: two\n  actual:   2\n"));
  EXPECT_THAT(Difference("one\ntwo\n"), HasSubstr("line 3\n  expected: three\n  actual:   (end of file)"));
  EXPECT_THAT(Difference("one\ntwo\nthree\n\n"), HasSubstr("line 4\n  expected: (end of file)\n  actual:   \n"));
  EXPECT_THAT(Difference("one\ntwo\nthree"), HasSubstr("only line ends differ"));
}

TEST_F(GoldenTest, DoesNotMatchAFileThatIsMissing) {
  EXPECT_FALSE(HasFile(case_, "f.txt"));
  EXPECT_EQ(MatchGolden(case_, "f.txt", "").error().code, ErrorCode::kNotFound);
}

TEST_F(GoldenTest, WritesTheFileWhenItIsToldTo) {
  setenv("UPDATE_GOLDENS", "1", 1);
  const auto written = MatchGolden(case_, "f.txt", "new");
  unsetenv("UPDATE_GOLDENS");
  EXPECT_TRUE(written.ok());
  EXPECT_EQ(*ReadGolden(case_, "f.txt"), "new");
  setenv("UPDATE_GOLDENS", "0", 1);
  Difference("other");
  unsetenv("UPDATE_GOLDENS");
}

TEST_F(GoldenTest, FindsNoCasesWhereThereAreNone) { EXPECT_TRUE(GoldenCases("no/such/area").empty()); }

}  // namespace
}  // namespace patchbay::testing
