#include "lib/log/seldom.h"

#include <gtest/gtest.h>

namespace patchbay::log {
namespace {

using namespace std::chrono_literals;

TEST(Seldom, LetsOneRecordThroughInAWhileAndCountsTheOthers) {
  Seldom seldom(5s);
  const SteadyTime began{1h};
  EXPECT_EQ(seldom.May(began), 0);
  EXPECT_EQ(seldom.May(began), std::nullopt);
  EXPECT_EQ(seldom.May(began + 4s), std::nullopt);
  EXPECT_EQ(seldom.May(began + 5s), 2);
  EXPECT_EQ(seldom.May(began + 9s), std::nullopt);
  EXPECT_EQ(seldom.May(began + 1min), 1);
}

}  // namespace
}  // namespace patchbay::log
