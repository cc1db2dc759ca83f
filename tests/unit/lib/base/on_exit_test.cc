#include "lib/base/on_exit.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace patchbay {
namespace {

TEST(OnExit, RunsWhenItsScopeEnds) {
  int undone = 0;
  {
    const OnExit undo([&] { ++undone; });
    EXPECT_EQ(undone, 0);
  }
  EXPECT_EQ(undone, 1);
}

TEST(OnExit, RunsWhenAnExceptionLeavesItsScope) {
  int undone = 0;
  const auto leave = [&] {
    const OnExit undo([&] { ++undone; });
    throw std::runtime_error("out");
  };
  EXPECT_THROW(leave(), std::runtime_error);
  EXPECT_EQ(undone, 1);
}

}  // namespace
}  // namespace patchbay
