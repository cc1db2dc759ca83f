#include "supervisor/system/new_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class NewState : public ::testing::Test {
 protected:
  std::filesystem::path Directory(const std::string& name, const std::string& file = "") {
    const auto path = scratch_.path() / name;
    std::filesystem::create_directory(path);
    if (!file.empty()) std::ofstream(path / file) << "x";
    return path;
  }
  ScratchDirectory scratch_;
};

TEST_F(NewState, IsQuietAtAFirstStart) {
  EXPECT_EQ(DoubtOfState(Directory("state"), {Directory("other")}, {}), "");
  EXPECT_EQ(DoubtOfState(scratch_.path() / "not yet made", {}, {}), "");
}

TEST_F(NewState, IsQuietWhereThereAreAccountsOrWere) {
  const auto other = Directory("other", "accounts.db");
  EXPECT_EQ(DoubtOfState(Directory("used", "accounts.db"), {other}, {"accounts.users"}), "");
  EXPECT_EQ(DoubtOfState(Directory("lost", "accounts.db.made"), {other}, {"accounts.users"}), "")
      << "accounts refuses that one, in words of its own";
}

TEST_F(NewState, NamesTheSettingsThatExpectMore) {
  const auto state = Directory("state");
  EXPECT_EQ(DoubtOfState(state, {}, {"providers.openai.keys"}),
            "state directory " + state.string() +
                " is new: no login, client key or usage of before is in it (the configuration has"
                " providers.openai.keys)");
  EXPECT_THAT(DoubtOfState(state, {}, {"a", "b", "c", "d"}), HasSubstr("has a, b, c and more)"));
}

TEST_F(NewState, NamesThePlaceThatHasAccounts) {
  const auto state = Directory("state"), used = Directory("used", "accounts.db");
  EXPECT_THAT(DoubtOfState(state, {state, Directory("empty"), used}, {}),
              AllOf(HasSubstr(used.string() + " has the accounts of a patchbay"), Not(HasSubstr("configuration"))));
  EXPECT_THAT(DoubtOfState(state, {used}, {"accounts.users"}),
              HasSubstr("is that the one that was meant? the configuration has accounts.users)"));
}

TEST(UsualStatePlaces, AreThoseOfEveryOtherWayToStart) {
  EXPECT_THAT(UsualStatePlaces({{"HOME", "/home/u"}, {"STATE_DIRECTORY", "/s"}, {"PATCHBAY_STATE_DIR", "/p"}}),
              ElementsAre("/p", "/s", "/home/u/.local/state/patchbay", "/var/lib/patchbay"));
  EXPECT_THAT(UsualStatePlaces({}), ElementsAre("/var/lib/patchbay"));
}

}  // namespace
}  // namespace patchbay::supervisor
