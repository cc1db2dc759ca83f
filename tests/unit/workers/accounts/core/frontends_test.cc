#include "workers/accounts/core/frontends.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

const std::vector<LivingWorker> kLiving = {{"frontend", 5, {4, 5}}, {"frontend-2", 1, {}}};

TEST(Frontends, AreEndedWhenTheirGenerationIsNotListedAndNotNewer) {
  EXPECT_TRUE(HasEnded(FrontendOf("frontend", 3), kLiving));
  EXPECT_TRUE(HasEnded(FrontendOf("frontend-2", 1), kLiving));
  EXPECT_FALSE(HasEnded(FrontendOf("frontend", 4), kLiving));
  EXPECT_FALSE(HasEnded(FrontendOf("frontend", 5), kLiving));
}

TEST(Frontends, ThatMayHaveBegunSinceAreNotEnded) {
  EXPECT_FALSE(HasEnded(FrontendOf("frontend", 6), kLiving));
  EXPECT_FALSE(HasEnded(FrontendOf("frontend-2", 2), kLiving));
}

TEST(Frontends, OfWhichNothingIsToldAreNotEnded) {
  EXPECT_FALSE(HasEnded(FrontendOf("elsewhere", 1), kLiving));
  EXPECT_FALSE(HasEnded(FrontendOf("frontend", 1), {}));
  EXPECT_FALSE(HasEnded(FrontendId("frontend"), kLiving));
  EXPECT_FALSE(HasEnded(FrontendId("frontend#"), kLiving));
  EXPECT_FALSE(HasEnded(FrontendId("frontend#3x"), kLiving));
}

}  // namespace
}  // namespace patchbay::accounts
