#include "cli/login_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lib/base/encoding.h"

namespace patchbay::cli {
namespace {

using testing::HasSubstr;

nlohmann::json ClaimsOf(const std::string& token) {
  const std::size_t first = token.find('.'), second = token.rfind('.');
  return nlohmann::json::parse(*Base64UrlDecode(token.substr(first + 1, second - first - 1)));
}

TEST(LoginFile, ShowsTheKeyAsAChatGptLoginThatNeverEnds) {
  const auto file = nlohmann::json::parse(LoginFileText({.id = "ck_1", .name = "Ann's laptop"}, Secret("pbk_x")));
  EXPECT_EQ(file["auth_mode"], "chatgpt");
  EXPECT_TRUE(file["OPENAI_API_KEY"].is_null());
  EXPECT_EQ(file["tokens"]["access_token"], "pbk_x");
  EXPECT_EQ(file["tokens"]["account_id"], "ck_1");
  const auto claims = ClaimsOf(file["tokens"]["id_token"].get<std::string>());
  EXPECT_EQ(claims["email"], "Ann-s-laptop@patchbay.invalid");
  EXPECT_EQ(claims["https://api.openai.com/auth"]["chatgpt_account_id"], "ck_1");
  EXPECT_GT(claims["exp"], 4'000'000'000);
  EXPECT_EQ(file["last_refresh"].get<std::string>().substr(0, 4), "2099");
}

TEST(NewSecretFile, IsItsOwnersOnlyAndReplacesNone) {
  char folder[] = "/tmp/patchbay-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/auth.json";
  {
    const auto unwritten = NewSecretFile::Create(path);
    ASSERT_TRUE(unwritten.ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << "what was not written is not left behind";
  {
    auto file = NewSecretFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(std::move(*file).Write(Secret("text")).ok());
  }
  std::stringstream read;
  read << std::ifstream(path).rdbuf();
  EXPECT_EQ(read.str(), "text");
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_THAT(NewSecretFile::Create(path).error().message, HasSubstr("is there already"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace patchbay::cli
