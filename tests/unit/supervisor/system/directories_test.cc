#include "supervisor/system/directories.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using Environment = std::map<std::string, std::string>;

Directories Choose(const DirectoryOptions& options, const Environment& environment) {
  Result<Directories> chosen = ChooseDirectories(options, environment, 1000);
  EXPECT_TRUE(chosen.ok());
  return std::move(chosen).value();
}

TEST(ChooseDirectories, PrefersFlagsThenOurVariablesThenSystemdsThenTheUsersPlaces) {
  Environment environment = {{"HOME", "/home/u"}};
  EXPECT_EQ(Choose({}, environment).state, "/home/u/.local/state/patchbay");
  EXPECT_EQ(Choose({}, environment).runtime, "/tmp/patchbay-1000");
  environment["XDG_RUNTIME_DIR"] = "/run/user/1000";
  EXPECT_EQ(Choose({}, environment).runtime, "/run/user/1000/patchbay");
  environment["STATE_DIRECTORY"] = "/var/lib/patchbay:/other";
  environment["RUNTIME_DIRECTORY"] = "/run/patchbay";
  EXPECT_EQ(Choose({}, environment).state, "/var/lib/patchbay");
  EXPECT_EQ(Choose({}, environment).runtime, "/run/patchbay");
  environment["PATCHBAY_STATE_DIR"] = "/ours/state";
  environment["PATCHBAY_RUNTIME_DIR"] = "/ours/run";
  EXPECT_EQ(Choose({}, environment).state, "/ours/state");
  EXPECT_EQ(Choose({}, environment).runtime, "/ours/run");
  EXPECT_EQ(Choose({.state_dir = "/flag/s/", .runtime_dir = "/flag/r"}, environment).state, "/flag/s");
  EXPECT_EQ(Choose({.state_dir = "/flag/s/", .runtime_dir = "/flag/r"}, environment).runtime, "/flag/r");
}

TEST(ChooseDirectories, AsksForAStatePlaceWhenThereIsNone) { EXPECT_FALSE(ChooseDirectories({}, {}, 1000).ok()); }

TEST(ChooseDirectories, MakesRelativeNamesAbsolute) {
  EXPECT_TRUE(Choose({.state_dir = "s", .runtime_dir = "r"}, {}).state.is_absolute());
}

TEST(PrepareDirectories, MakesThemClosedToOthers) {
  const ScratchDirectory scratch;
  const Directories directories{scratch.path() / "a" / "state", scratch.path() / "run"};
  ASSERT_TRUE(PrepareDirectories(directories).ok());
  for (const auto& directory : {directories.state, directories.runtime}) {
    struct stat facts {};
    ASSERT_EQ(stat(directory.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0700u);
  }
}

TEST(PrepareDirectories, ClosesADirectoryThatOthersCouldEnter) {
  const ScratchDirectory scratch;
  const Directories directories{scratch.path() / "state", scratch.path() / "run"};
  std::filesystem::create_directory(directories.state);
  chmod(directories.state.c_str(), 0755);
  ASSERT_TRUE(PrepareDirectories(directories).ok());
  struct stat facts {};
  stat(directories.state.c_str(), &facts);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST(PrepareDirectories, RefusesADirectoryThatOthersMayWriteInto) {
  const ScratchDirectory scratch;
  const Directories directories{scratch.path() / "state", scratch.path() / "run"};
  std::filesystem::create_directory(directories.state);
  for (const mode_t mode : {0777, 0770, 0702}) {
    chmod(directories.state.c_str(), mode);
    EXPECT_FALSE(PrepareDirectories(directories).ok()) << mode;
  }
}

TEST(PrepareDirectories, RefusesAFileAndALink) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.path() / "file") << "x";
  std::filesystem::create_directory_symlink("/tmp", scratch.path() / "link");
  EXPECT_FALSE(PrepareDirectories({scratch.path() / "file", scratch.path() / "run"}).ok());
  EXPECT_FALSE(PrepareDirectories({scratch.path() / "link", scratch.path() / "run"}).ok());
}

TEST(DirectoryLock, LetsOnlyOneInUntilItLetsGo) {
  const ScratchDirectory scratch;
  {
    const auto first = DirectoryLock::Take(scratch.path());
    ASSERT_TRUE(first.ok());
    const auto second = DirectoryLock::Take(scratch.path());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_TRUE(DirectoryLock::Take(scratch.path()).ok());
}

}  // namespace
}  // namespace patchbay::supervisor
