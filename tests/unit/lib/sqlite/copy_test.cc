#include "lib/sqlite/copy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "lib/base/random.h"
#include "lib/sqlite/sqlite.h"

namespace patchbay::sqlite {
namespace {

struct Folder {
  Folder() { std::filesystem::create_directory(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  const std::filesystem::path path = std::filesystem::temp_directory_path() / RandomId("patchbay-copy-");
};

TEST(CopyDatabase, HoldsWhatWasThereWhileItIsInUse) {
  const Folder folder;
  auto database = Database::Open(folder.path / "a.db");
  ASSERT_TRUE((*database)->Execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)").ok());
  const auto copy = folder.path / "copy.db";
  ASSERT_TRUE(CopyDatabase(folder.path / "a.db", copy).ok());
  ASSERT_TRUE((*database)->Execute("INSERT INTO t VALUES (8)").ok()) << "what came later is not in it";
  struct stat facts {};
  ASSERT_EQ(::stat(copy.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
  auto copied = Database::Open(copy);
  const auto query = (*copied)->Prepare("SELECT SUM(n) FROM t");
  ASSERT_TRUE(*(*query)->Step());
  EXPECT_EQ((*query)->Integer(0), 7);
}

TEST(CopyDatabase, OverwritesNothing) {
  const Folder folder;
  auto database = Database::Open(folder.path / "a.db");
  ASSERT_TRUE((*database)->Execute("CREATE TABLE t (n INTEGER)").ok());
  EXPECT_EQ(CopyDatabase(folder.path / "a.db", folder.path / "a.db").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(CopyDatabase(folder.path / "none.db", folder.path / "b.db").error().code, ErrorCode::kNotFound);
}

TEST(CheckDatabase, FindsDamage) {
  const Folder folder;
  const auto path = folder.path / "a.db";
  {
    auto database = Database::Open(path);
    ASSERT_TRUE((*database)->Execute("CREATE TABLE t (n TEXT); PRAGMA journal_mode=DELETE").ok());
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE((*database)->Execute("INSERT INTO t VALUES (hex(randomblob(100)))").ok());
    }
  }
  ASSERT_TRUE(CheckDatabase(path).ok());
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(4096, '\xff');
  file.close();
  EXPECT_FALSE(CheckDatabase(path).ok());
  std::ofstream(folder.path / "b.db") << "no database at all, but long enough to look like one";
  EXPECT_FALSE(CheckDatabase(folder.path / "b.db").ok());
}

}  // namespace
}  // namespace patchbay::sqlite
