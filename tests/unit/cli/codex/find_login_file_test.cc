#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/login_file.h"

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;

// A home of its own, and the environment as it was afterwards.
class FindLoginFileTest : public ::testing::Test {
 protected:
  FindLoginFileTest() {
    std::string pattern = ::testing::TempDir() + "authXXXXXX";
    home_ = mkdtemp(pattern.data());
    const char* home = getenv("HOME");
    old_home_ = home == nullptr ? "" : home;
    setenv("HOME", home_.c_str(), 1);
    unsetenv("CODEX_HOME");
  }
  ~FindLoginFileTest() override {
    setenv("HOME", old_home_.c_str(), 1);
    unsetenv("CODEX_HOME");
    std::filesystem::remove_all(home_);
  }
  void Put(const std::string& folder) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/auth.json") << "{}";
  }
  std::string home_, old_home_;
};

TEST_F(FindLoginFileTest, IsInTheHomeOfThePersonUnlessTheVariableNamesAnother) {
  Put(home_ + "/.codex");
  EXPECT_EQ(*FindLoginFile(), home_ + "/.codex/auth.json");
  Put(home_ + "/elsewhere");
  setenv("CODEX_HOME", (home_ + "/elsewhere").c_str(), 1);
  EXPECT_EQ(*FindLoginFile(), home_ + "/elsewhere/auth.json");
}

TEST_F(FindLoginFileTest, SaysWhatToDoWhenThereIsNone) {
  const auto none = FindLoginFile();
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("there is no " + home_ + "/.codex/auth.json"));
  EXPECT_THAT(none.error().message, HasSubstr("cli_auth_credentials_store"));
  unsetenv("HOME");
  EXPECT_THAT(FindLoginFile().error().message, HasSubstr("name the file"));
}

}  // namespace
}  // namespace patchbay::cli
