#include "workers/accounts/files/shared_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kSomebody = 12345;

struct SharedFile : ::testing::Test {
  SharedFile() { Write("old"); }
  void Write(const std::string& text) { std::ofstream(path) << text; }
  std::string Read(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  struct stat Facts() {
    struct stat facts {};
    EXPECT_EQ(stat(path.c_str(), &facts), 0);
    return facts;
  }
  // As another user, in a process of its own: what it says, in its exit code.
  int As(uid_t user, const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(user) != 0 || setuid(user) != 0) _exit(99);
      _exit(work());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
  std::size_t FilesThere() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory.path), {}));
  }

  TemporaryDirectory directory;
  std::filesystem::path path = directory.path / "auth.json";
};

TEST_F(SharedFile, IsReadWhole) {
  const auto content = ReadSharedFile(path);
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(content->text.Reveal(), "old");
  EXPECT_EQ(*LookAtFile(path), content->stamp);
  Write("other");
  EXPECT_NE(*LookAtFile(path), content->stamp);
}

TEST_F(SharedFile, IsRefusedWhenItIsNoSuchFile) {
  EXPECT_EQ(ReadSharedFile(directory.path / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(LookAtFile(directory.path / "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReplaceSharedFile(directory.path / "none", Secret("x")).error().code, ErrorCode::kNotFound)
      << "none is made";
  EXPECT_EQ(ReadSharedFile(directory.path).error().code, ErrorCode::kInvalidArgument);
  ASSERT_EQ(mkfifo((directory.path / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReadSharedFile(directory.path / "pipe").error().code, ErrorCode::kInvalidArgument) << "and nobody waits";
  Write(std::string(kSharedFileBytesMax + 1, 'x'));
  EXPECT_EQ(ReadSharedFile(path).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SharedFile, IsReplacedAtOnceWithItsModeAndOwner) {
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path.c_str(), kSomebody, kSomebody), 0);
  }
  const struct stat before = Facts();
  const std::ifstream reader(path);  // whoever reads just now
  ASSERT_TRUE(ReplaceSharedFile(path, Secret("new")).ok());
  EXPECT_EQ(Read(path), "new");
  const struct stat after = Facts();
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_NE(after.st_ino, before.st_ino) << "it is another file";
  std::string old;
  const_cast<std::ifstream&>(reader) >> old;
  EXPECT_EQ(old, "old");
  EXPECT_EQ(FilesThere(), 1u) << "nothing is left beside it";
}

TEST_F(SharedFile, StaysALink) {
  const std::filesystem::path link = directory.path / "link.json";
  std::filesystem::create_symlink("auth.json", link);
  ASSERT_TRUE(ReplaceSharedFile(link, Secret("new")).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(Read(path), "new");
}

TEST_F(SharedFile, IsWrittenInPlaceWhereNoOtherMayBeMade) {
  if (geteuid() != 0) GTEST_SKIP() << "needs another user";
  ASSERT_EQ(chmod(directory.path.c_str(), 0777), 0);
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  const struct stat before = Facts();
  const auto replace = [&] { return ReplaceSharedFile(path, Secret("longer than before")).ok() ? 0 : 1; };
  EXPECT_EQ(As(kSomebody, replace), 0) << "the file's owner is another: a new one could not be his";
  EXPECT_EQ(Read(path), "longer than before");
  EXPECT_EQ(Facts().st_ino, before.st_ino);
  EXPECT_EQ(Facts().st_uid, before.st_uid);
  ASSERT_EQ(chmod(directory.path.c_str(), 0755), 0);
  const auto shorter = [&] { return ReplaceSharedFile(path, Secret("short")).ok() ? 0 : 1; };
  EXPECT_EQ(As(kSomebody, shorter), 0) << "nor may one be made";
  EXPECT_EQ(Read(path), "short");
  EXPECT_EQ(FilesThere(), 1u);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const auto refused = [&] {
    const auto replaced = ReplaceSharedFile(path, Secret("no"));
    const bool told = !replaced.ok() && replaced.error().code == ErrorCode::kPermissionDenied;
    return told && !MayReplaceSharedFile(path).ok() ? 0 : 1;
  };
  EXPECT_EQ(As(kSomebody, refused), 0);
  EXPECT_EQ(Read(path), "short");
}

TEST_F(SharedFile, IsHeldByOneAtATime) {
  {
    const auto held = LockSharedFile(path);
    ASSERT_TRUE(held.ok()) << held.error().message;
    const auto second = LockSharedFile(path);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(second.error().message, HasSubstr("another program holds the lock"));
    ASSERT_TRUE(ReplaceSharedFile(path, Secret("new")).ok());
    EXPECT_FALSE(LockSharedFile(path).ok()) << "also once it is another file";
  }
  EXPECT_TRUE(LockSharedFile(path).ok());
  EXPECT_EQ(LockSharedFile(directory.path / "none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace patchbay::accounts
