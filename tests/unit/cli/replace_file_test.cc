#include "cli/replace_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "lib/base/random.h"

namespace patchbay::cli {
namespace {

namespace fs = std::filesystem;

class ReplaceFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(directory_);
    ASSERT_TRUE(WriteFirst());
  }
  void TearDown() override { fs::remove_all(directory_); }
  bool WriteFirst() {
    const int fd = ::creat(file_.c_str(), 0640);
    return fd >= 0 && ::write(fd, "before", 6) == 6 && ::fchmod(fd, 0640) == 0 && ::close(fd) == 0;
  }
  std::size_t Entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  const fs::path directory_ = fs::temp_directory_path() / RandomId("patchbay-replace-");
  const fs::path file_ = directory_ / "patchbay.yaml";
};

TEST_F(ReplaceFileTest, KeepsTheModeAndLeavesNothingBeside) {
  ASSERT_TRUE(ReplaceFile(file_, "after\n").ok());
  EXPECT_EQ(ReadWhole(file_).value(), "after\n");
  struct stat facts {};
  ASSERT_EQ(::stat(file_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0640u);
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(ReplaceFileTest, FollowsALink) {
  const fs::path link = directory_ / "link.yaml";
  fs::create_symlink(file_, link);
  ASSERT_TRUE(ReplaceFile(link, "after").ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(ReadWhole(file_).value(), "after");
}

TEST_F(ReplaceFileTest, SaysWhatIsNotThere) {
  EXPECT_FALSE(ReadWhole(directory_ / "nobody.yaml").ok());
  EXPECT_FALSE(ReplaceFile(directory_ / "nobody.yaml", "x").ok());
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(ReplaceFileTest, TakesAChangeBack) {
  const auto change = FileChange::Make(file_, "before", "after");
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(ReadWhole(file_).value(), "after");
  ASSERT_TRUE(change->TakeBack().ok());
  EXPECT_EQ(ReadWhole(file_).value(), "before");
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(ReplaceFileTest, TakesNothingBackThatSomebodyElseWrote) {
  const auto change = FileChange::Make(file_, "before", "after");
  ASSERT_TRUE(change.ok());
  ASSERT_TRUE(ReplaceFile(file_, "an editor's").ok());
  EXPECT_EQ(change->TakeBack().error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(ReadWhole(file_).value(), "an editor's");
}

TEST_F(ReplaceFileTest, ChangesNothingThatSaysSoAlready) {
  const auto change = FileChange::Make(file_, "before", "before");
  ASSERT_TRUE(change.ok());
  ASSERT_TRUE(ReplaceFile(file_, "an editor's").ok());
  EXPECT_TRUE(change->TakeBack().ok());
  EXPECT_EQ(ReadWhole(file_).value(), "an editor's");
}

}  // namespace
}  // namespace patchbay::cli
