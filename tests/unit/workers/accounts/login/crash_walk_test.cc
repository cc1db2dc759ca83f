// A login whose process is killed at each of its steps in turn: what a crash can take is only what nobody has any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "tests/unit/workers/accounts/providers/rows.h"
#include "workers/accounts/login/logins.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A disk, a provider whose code is good for one use, and a process that ends at its `crash_at`-th step.
class Walk {
 public:
  explicit Walk(int crash_at) : crash_at_(crash_at) { Restart(); }

  void Run() {
    for (int begun = 0; logins_->Find(login_) == nullptr && begun < 2; ++begun) {
      login_ = LoginId("lgn_" + std::to_string(begun));
      auto steps = logins_->Begin({"codex", "", false}, {login_, Secret("verifier"), Secret("state")}, now_);
      ASSERT_TRUE(steps.ok());
      Do(*steps);
    }
    // The person loads the page again when it did not load.
    for (int tries = 0; tries < 2; ++tries) {
      auto steps = logins_->Complete(login_, "ac_1#state", 0, now_);
      if (steps.ok()) Do(*steps);
    }
    for (int second = 0; second < 30; ++second) {
      now_.wall += 1s;
      now_.steady += 1s;
      Do(logins_->Tick(now_));
    }
  }
  bool crashed() const { return steps_ >= crash_at_; }
  bool has_account() const { return has_account_; }
  bool has_record() const { return disk_.has_value(); }
  std::string problem() const { return logins_->Find(login_) == nullptr ? "" : logins_->Find(login_)->problem; }

 private:
  void Restart() {
    logins_ = std::make_unique<Logins>(CatalogProviders());
    if (disk_) logins_->Restore({*ReadLoginRecord(disk_->Reveal())}, now_);
  }
  bool Crashes() {
    if (++steps_ != crash_at_) return false;
    Restart();
    return true;
  }
  void Do(const std::vector<LoginStep>& steps) {
    for (const LoginStep& step : steps) Do(step);
  }
  void Do(const LoginStep& step) {
    if (step.write) {
      if (Crashes()) return;
      disk_ = *step.write;
      if (Crashes()) return;
    }
    if (step.ask) {
      const bool good = !std::exchange(spent_, true);
      if (Crashes()) return;
      Do(good ? logins_->Answered(step.login, 200, R"({"access_token":"at","refresh_token":"rt"})", now_)
              : logins_->Answered(step.login, 400, R"({"error":"invalid_grant"})", now_));
      return;
    }
    if (step.keep) {
      if (Crashes()) return;
      has_account_ = true;
      disk_.reset();
      if (Crashes()) return;
      logins_->Kept(step.login, AccountId("acc_1"), true, now_);
    }
    if (step.forget) disk_.reset();
  }

  const int crash_at_;
  int steps_ = 0;
  Moment now_{WallTime(std::chrono::seconds(1'790'000'000)), SteadyTime(1000h)};
  std::unique_ptr<Logins> logins_;
  LoginId login_;
  std::optional<Secret> disk_;
  bool spent_ = false;
  bool has_account_ = false;
};

TEST(LoginsKilled, LoseNothingThatIsNotLostAlready) {
  int lost = 0, walks = 0;
  for (int crash_at = 1;; ++crash_at) {
    Walk walk(crash_at);
    walk.Run();
    if (!walk.crashed()) break;
    ++walks;
    EXPECT_FALSE(walk.has_record()) << "killed at " << crash_at << ": it goes on for ever";
    if (walk.has_account()) continue;
    ++lost;
    EXPECT_THAT(walk.problem(), HasSubstr("most likely it has spent the code; log in again")) << crash_at;
  }
  EXPECT_GE(walks, 6) << "begun, completed, asked, kept";
  // The provider has spent the code, and its tokens were in nobody's hands but ours.
  EXPECT_EQ(lost, 2);
}

TEST(LoginsKilled, AddTheAccountWhenNobodyKillsThem) {
  Walk walk(/*crash_at=*/1000);
  walk.Run();
  EXPECT_TRUE(walk.has_account());
  EXPECT_FALSE(walk.has_record());
  EXPECT_EQ(walk.problem(), "");
}

}  // namespace
}  // namespace patchbay::accounts
