#include "lib/seal/seal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/encoding.h"
#include "lib/base/random.h"

namespace patchbay::seal {
namespace {

class Sealing : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("PATCHBAY_SEAL_KEY");
    directory_ = std::filesystem::temp_directory_path() / RandomId("patchbay-seal-");
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("PATCHBAY_SEAL_KEY");
    std::filesystem::remove_all(directory_);
  }
  void WriteFile(const std::filesystem::path& path, const std::string& text, mode_t mode) {
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
  }
  std::filesystem::path directory_;
};

TEST_F(Sealing, GivesBackWhatItSealed) {
  const auto sealer = std::move(Sealer::Open(directory_)).value();
  for (const std::string& plain : {std::string(), std::string("rt_secret"), std::string(100'000, 'x')}) {
    const std::string sealed = sealer->Seal(plain, "accounts/1");
    EXPECT_EQ(sealer->Unseal(sealed, "accounts/1").value(), plain);
  }
}

TEST_F(Sealing, NeverGivesTheSameBytesTwice) {
  const auto sealer = std::move(Sealer::Open(directory_)).value();
  EXPECT_NE(sealer->Seal("same", "a"), sealer->Seal("same", "a"));
}

TEST_F(Sealing, RefusesAnotherPlaceAndAnyChangedByte) {
  const auto sealer = std::move(Sealer::Open(directory_)).value();
  const std::string sealed = sealer->Seal("rt_secret", "accounts/1");
  EXPECT_EQ(sealer->Unseal(sealed, "accounts/2").error().code, ErrorCode::kFailedPrecondition);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(sealer->Unseal(damaged, "accounts/1").ok()) << "byte " << i;
    EXPECT_FALSE(sealer->Unseal(sealed.substr(0, i), "accounts/1").ok()) << "length " << i;
  }
}

TEST_F(Sealing, MakesAPrivateKeyFileOnceAndUsesItAgain) {
  const std::string sealed = std::move(Sealer::Open(directory_)).value()->Seal("x", "a");
  struct stat info {};
  ASSERT_EQ(::stat((directory_ / "seal.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(std::move(Sealer::Open(directory_)).value()->Unseal(sealed, "a").value(), "x");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory_)) ++files;
  EXPECT_EQ(files, 1u);
}

TEST_F(Sealing, TellsAShortageFromAKeyThatAPersonMustMend) {
  ASSERT_TRUE(Sealer::Open(directory_).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto opened = Sealer::Open(directory_);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable) << opened.error().message;
}

TEST_F(Sealing, AgreesOnOneKeyWhenManyStartAtOnce) {
  std::vector<std::unique_ptr<Sealer>> sealers(16);
  std::vector<std::thread> threads;
  for (auto& sealer : sealers) threads.emplace_back([&] { sealer = std::move(Sealer::Open(directory_)).value(); });
  for (auto& thread : threads) thread.join();
  const std::string sealed = sealers.front()->Seal("x", "a");
  for (const auto& sealer : sealers) EXPECT_TRUE(sealer->Unseal(sealed, "a").ok());
}

TEST_F(Sealing, PrefersTheCredentialThenTheEnvironment) {
  const std::string from_credential = RandomBytes(kKeyBytes);
  const std::string from_environment = RandomBytes(kKeyBytes);
  ::setenv("PATCHBAY_SEAL_KEY", Base64Encode(from_environment).c_str(), 1);
  const std::string sealed = std::move(Sealer::Open(directory_)).value()->Seal("x", "a");
  EXPECT_TRUE(Sealer(Secret(from_environment)).Unseal(sealed, "a").ok());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "seal.key"));

  WriteFile(directory_ / "seal.key", from_credential, 0440);
  ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  const std::string again = std::move(Sealer::Open("/nonexistent")).value()->Seal("x", "a");
  EXPECT_TRUE(Sealer(Secret(from_credential)).Unseal(again, "a").ok());
}

TEST_F(Sealing, RefusesAKeyFileThatIsWrongOrReadableByOthers) {
  WriteFile(directory_ / "seal.key", "short", 0600);
  EXPECT_FALSE(Sealer::Open(directory_).ok());
  WriteFile(directory_ / "seal.key", std::string(kKeyBytes, 'k'), 0644);
  EXPECT_FALSE(Sealer::Open(directory_).ok());
}

}  // namespace
}  // namespace patchbay::seal
