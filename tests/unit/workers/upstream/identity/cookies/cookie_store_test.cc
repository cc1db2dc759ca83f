#include "workers/upstream/identity/cookies/cookie_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "lib/base/random.h"

namespace patchbay::upstream {
namespace {

class CookieStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / RandomId("patchbay-cookies-");
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<CookieStore> Open(const std::string& key = std::string(32, 'k')) {
    return std::move(CookieStore::Open(directory_ / "sessions.db", std::make_unique<seal::Sealer>(Secret(key))))
        .value();
  }
  static std::vector<Cookie> Cookies(const std::string& value) {
    return {{.name = "__cf_bm",
             .value = value,
             .domain = "chatgpt.com",
             .host_only = true,
             .path = "/",
             .secure = true,
             .expires = {}}};
  }
  std::filesystem::path directory_;
};

TEST_F(CookieStoreTest, ComeBackAfterARestart) {
  Open()->Save("a", Cookies("1"));  // and is closed, which writes
  CookieJar jar;
  ASSERT_TRUE(Open()->LoadInto(jar).ok());
  EXPECT_EQ(jar.Of("a"), Cookies("1"));
}

TEST_F(CookieStoreTest, KeepTheLatestOfManySaves) {
  {
    const auto store = Open();
    for (int i = 0; i < 500; ++i) store->Save("a", Cookies(std::to_string(i)));
    store->Flush();
    CookieJar jar;
    ASSERT_TRUE(store->LoadInto(jar).ok());
    EXPECT_EQ(jar.Of("a"), Cookies("499"));
  }
}

TEST_F(CookieStoreTest, AreUnreadableOnDiskAndPrivate) {
  Open()->Save("a", Cookies("find-me-if-you-can"));
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find("find-me"), std::string::npos);
    struct stat info {};
    ::stat(entry.path().c_str(), &info);
    EXPECT_EQ(info.st_mode & 077, 0u) << entry.path();
  }
}

TEST_F(CookieStoreTest, OfAnotherKeyAreSkipped) {
  Open()->Save("a", Cookies("1"));
  CookieJar jar;
  ASSERT_TRUE(Open(std::string(32, 'x'))->LoadInto(jar).ok());
  EXPECT_EQ(jar.accounts(), 0u);
}

TEST_F(CookieStoreTest, ThatAreNoDatabaseAreAnError) {
  std::ofstream(directory_ / "sessions.db") << std::string(4096, 'x');
  EXPECT_FALSE(
      CookieStore::Open(directory_ / "sessions.db", std::make_unique<seal::Sealer>(Secret(std::string(32, 'k')))).ok());
}

}  // namespace
}  // namespace patchbay::upstream
