#include "lib/testing/fake_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeTimeTest : public ::testing::Test {
 protected:
  std::unique_ptr<FakeTime::Timer> In(seconds delay) {
    return time_.At(time_.Steady() + delay, [this, delay] { called_.push_back(delay.count()); });
  }
  FakeTime time_;
  std::vector<long> called_;
};

TEST_F(FakeTimeTest, MovesBothClocksTogether) {
  const WallTime wall = time_.Now();
  const SteadyTime steady = time_.Steady();
  time_.Advance(seconds(3));
  EXPECT_EQ(time_.Now() - wall, seconds(3));
  EXPECT_EQ(time_.Steady() - steady, seconds(3));
}

TEST_F(FakeTimeTest, CallsWhatHasBecomeDueEarliestFirst) {
  const auto third = In(seconds(3)), first = In(seconds(1)), late = In(seconds(5));
  EXPECT_THAT(called_, IsEmpty());
  time_.Advance(seconds(3));
  EXPECT_THAT(called_, ElementsAre(1, 3));
  EXPECT_EQ(time_.pending(), 1u);
}

TEST_F(FakeTimeTest, CallsEachAtItsOwnTimeAndWhatThatOneBegins) {
  std::unique_ptr<FakeTime::Timer> second;
  const SteadyTime begin = time_.Steady();
  const auto first = time_.At(begin + seconds(1), [&] {
    EXPECT_EQ(time_.Steady() - begin, seconds(1));
    second = In(seconds(1));
  });
  time_.Advance(seconds(10));
  EXPECT_THAT(called_, ElementsAre(1));
  EXPECT_EQ(time_.Steady() - begin, seconds(10));
}

TEST_F(FakeTimeTest, ForgetsATimerThatIsGone) {
  In(seconds(1)).reset();
  EXPECT_EQ(time_.pending(), 0u);
  time_.Advance(seconds(2));
  EXPECT_THAT(called_, IsEmpty());
}

}  // namespace
}  // namespace patchbay::testing
