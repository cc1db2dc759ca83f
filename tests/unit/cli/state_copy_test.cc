#include "cli/state_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "lib/base/random.h"
#include "lib/sqlite/sqlite.h"

namespace patchbay::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class StateCopy : public ::testing::Test {
 protected:
  StateCopy() {
    fs::create_directory(folder_);
    fs::create_directory(state_);
    Write(state_ / "seal.key", "the key");
    Write(state_ / "patchbayd.lock", "");
    Put("one");
  }
  ~StateCopy() override { fs::remove_all(folder_); }

  static void Write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
  static std::string Read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Put(const std::string& word) {
    auto database = sqlite::Database::Open(state_ / "accounts.db");
    ASSERT_TRUE((*database)->Execute("CREATE TABLE IF NOT EXISTS t (w TEXT); DELETE FROM t").ok());
    ASSERT_TRUE((*database)->Execute("INSERT INTO t VALUES ('" + word + "')").ok());
  }
  std::string Word() {
    auto database = sqlite::Database::Open(state_ / "accounts.db");
    const auto query = (*database)->Prepare("SELECT w FROM t");
    EXPECT_TRUE(*(*query)->Step());
    return (*query)->Text(0);
  }

  const fs::path folder_ = fs::temp_directory_path() / RandomId("pb-copy-");
  const fs::path state_ = folder_ / "state";
  const fs::path backup_ = folder_ / "backup";
};

TEST_F(StateCopy, GoesAndComesBack) {
  const auto backed_up = BackUp(state_, backup_);
  ASSERT_TRUE(backed_up.ok()) << backed_up.error().message;
  EXPECT_THAT(backed_up->files, UnorderedElementsAre("accounts.db", "seal.key"));
  EXPECT_TRUE(backed_up->has_seal_key);
  struct stat facts {};
  ASSERT_EQ(::stat(backup_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  Put("two");
  Write(state_ / "seal.key", "another key");

  const auto restored = Restore(backup_, state_);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(Word(), "one");
  EXPECT_EQ(Read(state_ / "seal.key"), "the key");
  EXPECT_EQ(Read(restored->before / "seal.key"), "another key") << "nothing is lost";
  EXPECT_TRUE(fs::exists(state_ / "patchbayd.lock"));
}

TEST_F(StateCopy, LeavesNoJournalOfWhatWasThere) {
  ASSERT_TRUE(BackUp(state_, backup_).ok());
  Write(state_ / "accounts.db-wal", "of another database");
  Write(state_ / "sessions.db", "came later");
  const auto restored = Restore(backup_, state_);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  for (const char* gone : {"accounts.db-wal", "sessions.db"}) {
    EXPECT_FALSE(fs::exists(state_ / gone)) << gone;
    EXPECT_TRUE(fs::exists(restored->before / gone)) << gone;
  }
  EXPECT_EQ(Word(), "one");
}

TEST_F(StateCopy, OfAnEmptyFolderPutsNothingAside) {
  ASSERT_TRUE(BackUp(state_, backup_).ok());
  fs::remove_all(state_);
  fs::create_directory(state_);
  const auto restored = Restore(backup_, state_);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(restored->before, "");
  EXPECT_EQ(Word(), "one");
}

TEST_F(StateCopy, OverwritesNoBackup) {
  ASSERT_TRUE(BackUp(state_, backup_).ok());
  EXPECT_FALSE(BackUp(state_, backup_).ok());
  EXPECT_TRUE(fs::exists(backup_ / "manifest.json")) << "the one that was there stays";
}

TEST_F(StateCopy, OfNoStateIsRefused) {
  EXPECT_EQ(BackUp(folder_ / "nowhere", backup_).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(backup_));
}

TEST_F(StateCopy, ThatIsNotWholeChangesNothing) {
  const auto refused = [&](const char* what) {
    const auto restored = Restore(backup_, state_);
    ASSERT_FALSE(restored.ok()) << what;
    EXPECT_EQ(Word(), "one") << what;
    EXPECT_EQ(Read(state_ / "seal.key"), "the key") << what;
  };
  refused("nothing is there");
  ASSERT_TRUE(BackUp(state_, backup_).ok());
  Write(backup_ / "seal.key", "changed");
  refused("another digest");
  fs::remove(backup_ / "seal.key");
  refused("a file is gone");
  Write(backup_ / "manifest.json", R"({"form":1,"files":[{"name":"../x","sha256":"00"}]})");
  refused("a way out of the folder");
  Write(backup_ / "manifest.json", R"({"form":2,"files":[]})");
  refused("a form of later");
  Write(backup_ / "manifest.json", "{");
  refused("no JSON");
}

}  // namespace
}  // namespace patchbay::cli
