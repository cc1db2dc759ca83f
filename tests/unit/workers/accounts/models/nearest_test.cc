#include "workers/accounts/models/nearest.h"

#include <gmock/gmock.h>

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;

const std::vector<std::string> kKnown = {"gpt-6.2-sol", "gpt-6-luna", "gpt-5.5", "my-model"};

TEST(NearestNames, TellsThoseThatTakeTheFewestChanges) {
  EXPECT_THAT(NearestNames("gpt-6-lunar", kKnown), ElementsAre("gpt-6-luna", "gpt-6.2-sol", "gpt-5.5"));
  EXPECT_THAT(NearestNames("MY_MODEL", kKnown).front(), "my-model");
  EXPECT_THAT(NearestNames("gpt-5.5", {"gpt-5.5"}), ElementsAre()) << "itself is no help";
  EXPECT_THAT(NearestNames(std::string(1'000'000, 'x'), kKnown).size(), kNearestNames);
}

TEST(UnknownModelMessage, NamesTheModelAndTheNearest) {
  EXPECT_EQ(UnknownModelMessage("gpt-9", {}), "the model 'gpt-9' does not exist or no account serves it");
  EXPECT_EQ(UnknownModelMessage("gpt-9", {"a"}),
            "the model 'gpt-9' does not exist or no account serves it; the nearest name is 'a'");
  EXPECT_EQ(UnknownModelMessage("gpt-9", {"a", "b", "c"}),
            "the model 'gpt-9' does not exist or no account serves it; the nearest names are 'a', 'b' and 'c'");
}

TEST(UnknownModelMessage, ShowsNoNameThatCouldDoHarm) {
  EXPECT_EQ(ShownName("a\nb\x1b[31m\xe2\x80\xae"), "a\\x0Ab\\x1B[31m\\xE2\\x80\\xAE");
  EXPECT_EQ(ShownName(std::string(5000, 'x')), std::string(97, 'x') + "...");
  EXPECT_EQ(ShownName(std::string(100, 'x')), std::string(100, 'x'));
}

}  // namespace
}  // namespace patchbay::accounts
