#include "cli/input.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/base/random.h"

namespace patchbay::cli {
namespace {

class InputTest : public testing::Test {
 protected:
  ~InputTest() override {
    std::error_code error;
    std::filesystem::remove(file_, error);
    unsetenv("PATCHBAY_TEST_TOKEN");
  }
  std::string FileWith(const std::string& text) {
    std::ofstream(file_) << text;
    return file_;
  }
  std::string file_ = (std::filesystem::temp_directory_path() / RandomId("patchbay-input-")).string();
};

TEST_F(InputTest, SecretIsTheFirstLineOfItsFileWithoutSpace) {
  EXPECT_EQ(ReadSecret({.value = "", .file = FileWith("  token \r\nrest\n")}, "PATCHBAY_TEST_TOKEN")->Reveal(),
            "token");
}

TEST_F(InputTest, SecretComesFromTheEnvironmentWhenNothingElseIsGiven) {
  EXPECT_TRUE(ReadSecret({}, "PATCHBAY_TEST_TOKEN")->empty());
  setenv("PATCHBAY_TEST_TOKEN", "from-env", 1);
  EXPECT_EQ(ReadSecret({}, "PATCHBAY_TEST_TOKEN")->Reveal(), "from-env");
  EXPECT_EQ(ReadSecret({.value = "typed", .file = ""}, "PATCHBAY_TEST_TOKEN")->Reveal(), "typed");
}

TEST_F(InputTest, SecretGivenTwiceIsAMistake) {
  EXPECT_FALSE(ReadSecret({.value = "typed", .file = "x"}, "PATCHBAY_TEST_TOKEN").ok());
}

TEST_F(InputTest, DocumentThatIsMissingEmptyOrTooLargeIsRefused) {
  EXPECT_EQ(ReadAll("/nonexistent/file").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadAll(FileWith("")).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ReadAll(FileWith(std::string(kMaxDocumentBytes + 1, 'x'))).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(*ReadAll(FileWith("document")), "document");
}

}  // namespace
}  // namespace patchbay::cli
