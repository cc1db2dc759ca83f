#include "lib/pki/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "lib/base/random.h"

namespace patchbay::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuthorityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("PATCHBAY_SEAL_KEY");
    state_ = std::filesystem::temp_directory_path() / RandomId("patchbay-pki-");
    std::filesystem::create_directories(state_);
  }
  void TearDown() override { std::filesystem::remove_all(state_); }
  static std::string Content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path state_;
  const WallTime now_{std::chrono::seconds(1'800'000'000)};
  const Identity kitchen_{roster::Role::kOllama, "kitchen"};
};

TEST_F(AuthorityTest, IsTheSameWhenItIsOpenedAgain) {
  std::string first;
  {
    const auto made = Authority::Open(state_, now_);
    ASSERT_TRUE(made.ok()) << made.error().message;
    first = made->certificate();
  }
  const auto again = Authority::Open(state_, now_);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->certificate(), first);
}

TEST_F(AuthorityTest, KeepsItsKeySealedAndItsFilesPrivate) {
  auto authority = Authority::Open(state_, now_).value();
  ASSERT_TRUE(authority.EnsureServer(now_).value());
  const Files files(state_);
  EXPECT_THAT(Content(files.authority_key), Not(HasSubstr("PRIVATE KEY")));
  EXPECT_THAT(Content(files.server), HasSubstr("PRIVATE KEY"));
  for (const auto& file : {files.authority_key, files.server, files.clients.parent_path() / "gateway-ca.crt"}) {
    struct stat info {};
    ASSERT_EQ(::stat(file.c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 077u, 0u) << file;
  }
}

TEST_F(AuthorityTest, MakesItsOwnPairAnewBeforeItsEnd) {
  auto authority = Authority::Open(state_, now_).value();
  EXPECT_TRUE(*authority.EnsureServer(now_));
  EXPECT_FALSE(*authority.EnsureServer(now_));
  EXPECT_FALSE(*authority.EnsureServer(now_ + kServerValid - kRenewBefore - std::chrono::hours(1)));
  EXPECT_TRUE(*authority.EnsureServer(now_ + kServerValid - kRenewBefore));
}

TEST_F(AuthorityTest, MakesItsOwnPairAnewWhenAnotherAuthoritySignedIt) {
  const Files files(state_);
  ASSERT_TRUE(*Authority::Open(state_, now_)->EnsureServer(now_));
  const std::string of_another = Content(files.server);
  std::filesystem::remove(files.authority);
  std::filesystem::remove(files.authority_key);
  auto authority = Authority::Open(state_, now_).value();
  EXPECT_FALSE(IsPairOf(authority.certificate(), of_another));
  EXPECT_TRUE(*authority.EnsureServer(now_));
  EXPECT_TRUE(IsPairOf(authority.certificate(), Content(files.server)));
  EXPECT_FALSE(*authority.EnsureServer(now_));
}

TEST_F(AuthorityTest, MakesItsOwnPairAnewWhenItsHalvesDoNotBelongTogether) {
  auto authority = Authority::Open(state_, now_).value();
  const Files files(state_);
  ASSERT_TRUE(*authority.EnsureServer(now_));
  const std::string first = Content(files.server);
  std::filesystem::remove(files.server);
  ASSERT_TRUE(*authority.EnsureServer(now_));
  const std::string second = Content(files.server);
  const std::string key = "-----BEGIN PRIVATE KEY-----";
  for (const std::string& wrong : {first.substr(0, first.find(key)) + second.substr(second.find(key)),
                                   first.substr(0, first.find(key)), std::string("nothing")}) {
    std::ofstream(files.server, std::ios::trunc) << wrong;
    EXPECT_TRUE(*authority.EnsureServer(now_));
    EXPECT_TRUE(IsPairOf(authority.certificate(), Content(files.server)));
  }
}

TEST_F(AuthorityTest, DoesNotWaitForAnotherLongerThanItIsTold) {
  const auto held = Authority::Open(state_, now_);
  ASSERT_TRUE(held.ok());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(Authority::Open(state_, now_, std::chrono::milliseconds(0)).error().code, ErrorCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, kLockPatience / 2);
}

TEST_F(AuthorityTest, SaysInACertificateWhoItIsFor) {
  auto authority = Authority::Open(state_, now_).value();
  const auto pair = authority.Issue(kitchen_, now_, std::chrono::hours(24));
  ASSERT_TRUE(pair.ok()) << pair.error().message;
  const auto facts = ReadCertificate(pair->certificate);
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(ParseUri(facts->uri).value(), kitchen_);
  EXPECT_EQ(facts->expires_at, now_ + std::chrono::hours(24));
  ClientList list(Files(state_).clients);
  EXPECT_TRUE(list.Check(kitchen_, facts->serial).ok());
}

TEST_F(AuthorityTest, RefusesWhatWasRevokedOrReplacedAtOnce) {
  auto authority = Authority::Open(state_, now_).value();
  ClientList list(Files(state_).clients);
  const auto serial = [&] {
    return ReadCertificate(authority.Issue(kitchen_, now_).value().certificate).value().serial;
  };
  const std::string first = serial(), second = serial();
  EXPECT_EQ(list.Check(kitchen_, first).error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(list.Check(kitchen_, second).ok());
  EXPECT_EQ(list.Check({roster::Role::kProgram, "kitchen"}, second).error().code, ErrorCode::kPermissionDenied);
  ASSERT_TRUE(authority.Revoke("kitchen").ok());
  EXPECT_EQ(list.Check(kitchen_, second).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(authority.Revoke("kitchen").error().code, ErrorCode::kNotFound);
}

TEST_F(AuthorityTest, RefusesToGoOnWithoutItsKey) {
  { ASSERT_TRUE(Authority::Open(state_, now_).ok()); }
  std::filesystem::remove(Files(state_).authority_key);
  const auto opened = Authority::Open(state_, now_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(AuthorityTest, TakesNoNameThatIsNone) {
  auto authority = Authority::Open(state_, now_).value();
  for (const char* name : {"", "A", "a/b", "a b", "../x"}) {
    EXPECT_EQ(authority.Issue({roster::Role::kProgram, name}, now_).error().code, ErrorCode::kInvalidArgument) << name;
  }
}

}  // namespace
}  // namespace patchbay::pki
