#include "lib/config/checks.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace patchbay::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(UrlProblem, IsNoneOfAnAddressOverHttp) {
  for (const char* url : {"https://api.example.com", "http://127.0.0.1:8080/v1", "https://[2001:db8::1]/x"})
    EXPECT_EQ(UrlProblem(url), "") << url;
}

TEST(UrlProblem, IsSaidOfEverythingElse) {
  for (const char* url :
       {"", "api.example.com", "ftp://x", "https://", "https://u:p@x", "https://x?a=b", "https://x#a"})
    EXPECT_THAT(UrlProblem(url), Not(IsEmpty())) << url;
}

TEST(OriginProblem, IsAPathOrNoUrl) {
  EXPECT_EQ(OriginProblem("https://app.example"), "");
  EXPECT_EQ(OriginProblem("http://localhost:*"), "") << "of every port";
  EXPECT_THAT(OriginProblem("https://app.example/x"), HasSubstr("is not an origin"));
  EXPECT_THAT(OriginProblem("app.example"), Not(IsEmpty()));
}

TEST(StatusRangeProblem, IsAnythingButErrorsOfHttp) {
  for (const char* good : {"", "429", "500-599", "100"}) EXPECT_EQ(StatusRangeProblem(good), "") << good;
  for (const char* bad : {"99", "600", "500-600", "4xx", "599-500"}) EXPECT_NE(StatusRangeProblem(bad), "") << bad;
}

TEST(FileProblem, IsAFileThatIsNotThere) {
  const auto file = std::filesystem::temp_directory_path() / ("patchbay-checks-" + std::to_string(::getpid()));
  EXPECT_EQ(FileProblem(file.string()), "there is no file '" + file.string() + "'");
  std::ofstream(file) << "x";
  EXPECT_EQ(FileProblem(file.string()), "");
  std::filesystem::remove(file);
  EXPECT_EQ(FileProblem(""), "") << "nothing was named";
  EXPECT_THAT(FileProblem(std::filesystem::temp_directory_path().string()), HasSubstr("there is no file"));
}

}  // namespace
}  // namespace patchbay::config
