#include "workers/accounts/store/lost_database.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

// A directory in which patchbay has run.
struct UsedDirectory : TemporaryDirectory {
  UsedDirectory() {
    EXPECT_TRUE(RefuseLostDatabase(path).ok()) << "a first start";
    EXPECT_TRUE(OpenStore(path).ok());
    EXPECT_TRUE(NoteDatabase(path).ok());
    EXPECT_TRUE(RefuseLostDatabase(path).ok()) << "a second start";
  }
};

TEST(LostDatabase, IsRefusedWithWhatToDo) {
  UsedDirectory used;
  std::filesystem::remove(used.path / "accounts.db");
  const auto refused = RefuseLostDatabase(used.path);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("accounts.db is missing"));
  EXPECT_THAT(refused.error().message, HasSubstr("accounts.db.made"));
}

TEST(LostDatabase, IsRefusedWhenOnlyAnEmptyFileIsLeft) {
  UsedDirectory used;
  std::ofstream(used.path / "accounts.db", std::ios::trunc).close();
  const auto refused = RefuseLostDatabase(used.path);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("is empty"));
}

TEST(LostDatabase, IsLeftBehindWhenTheOperatorDeletesTheNote) {
  UsedDirectory used;
  std::filesystem::remove(used.path / "accounts.db");
  std::filesystem::remove(used.path / "accounts.db.made");
  EXPECT_TRUE(RefuseLostDatabase(used.path).ok());
}

TEST(LostDatabase, IsNotSuspectedWhereOnlyTheSealKeyStands) {
  TemporaryDirectory directory;
  std::ofstream(directory.path / "seal.key") << std::string(seal::kKeyBytes, 'k');
  EXPECT_TRUE(RefuseLostDatabase(directory.path).ok()) << "upstream may have made the key first, or the operator";
}

}  // namespace
}  // namespace patchbay::accounts
