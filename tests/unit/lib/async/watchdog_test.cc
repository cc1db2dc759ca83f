#include "lib/async/watchdog.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>

namespace patchbay::async {
namespace {

using std::chrono::milliseconds;

SteadyTime In(milliseconds time) { return std::chrono::steady_clock::now() + time; }

class WatchdogTest : public ::testing::Test {
 protected:
  // Runs for so long, or until nothing can happen any more.
  void Pass(milliseconds time) {
    io_.restart();
    io_.run_for(time);
  }
  asio::io_context io_;
  int barks_ = 0;
  std::unique_ptr<Watchdog> dog_ = std::make_unique<Watchdog>(io_.get_executor(), [this] { ++barks_; });
};

TEST_F(WatchdogTest, CallsOnceNotBeforeItsDeadline) {
  const SteadyTime deadline = In(milliseconds(30));
  dog_->Set(deadline);
  Pass(milliseconds(10));
  const int early = barks_;
  // On a busy machine it may be over already.
  if (std::chrono::steady_clock::now() < deadline) EXPECT_EQ(early, 0);
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 1);
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

TEST_F(WatchdogTest, CallsAtOnceForADeadlineThatIsOver) {
  dog_->Set(In(milliseconds(-1)));
  EXPECT_EQ(barks_, 0) << "never from within Set";
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 1);
}

TEST_F(WatchdogTest, TakesALaterDeadlineAndAnEarlierOne) {
  dog_->Set(In(milliseconds(10)));
  const SteadyTime later = In(milliseconds(60));
  dog_->Set(later);
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 1);
  EXPECT_GE(std::chrono::steady_clock::now(), later);

  dog_->Set(In(std::chrono::hours(1)));
  dog_->Set(In(milliseconds(10)));
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 2);
}

TEST_F(WatchdogTest, IsSilentWhileItIsCleared) {
  dog_->Set(In(milliseconds(5)));
  dog_->Clear();
  Pass(milliseconds(50));
  EXPECT_EQ(barks_, 0);
  dog_->Set(In(milliseconds(5)));
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 1) << "and can be set again";
}

TEST_F(WatchdogTest, CallsNobodyOnceItIsGone) {
  dog_->Set(In(milliseconds(5)));
  dog_.reset();
  Pass(milliseconds(50));
  EXPECT_EQ(barks_, 0);
}

TEST_F(WatchdogTest, MayBeSetAgainOrEndByItsOwnCall) {
  dog_ = std::make_unique<Watchdog>(io_.get_executor(), [this] {
    if (++barks_ == 1) return dog_->Set(In(milliseconds(5)));
    asio::post(io_, [this] { dog_.reset(); });
  });
  dog_->Set(In(milliseconds(5)));
  Pass(std::chrono::seconds(10));
  EXPECT_EQ(barks_, 2);
  EXPECT_EQ(dog_, nullptr);
}

}  // namespace
}  // namespace patchbay::async
