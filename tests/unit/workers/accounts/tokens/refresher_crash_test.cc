// A refresh whose process is killed, or whose disk fills up, at each of its steps in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "tests/unit/workers/accounts/core/core_world.h"
#include "tests/unit/workers/accounts/store/fated_store.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::minutes kLives{4};  // less than the skew: a refresh is due at once

// A provider whose refresh tokens are good for one use.
class OneUseProvider {
 public:
  // `forgiving`: the token before the last one gives the same tokens again.
  OneUseProvider(Fate& fate, const FakeClock& clock, bool forgiving)
      : fate_(fate), clock_(clock), forgiving_(forgiving) {}

  Result<FetchAnswer> Take(const std::string& body) {
    const Error gone(ErrorCode::kUnavailable, "connection reset");
    if (fate_.Step()) return gone;  // it never arrived
    const std::string shown = Between(body, "\"refresh_token\":\"", "\"");
    ++shown_[shown];
    if (shown_[shown] > 1 && clock_.wall < first_access_ends_ - 1min) shown_twice_early_ = true;
    const bool again = forgiving_ && shown == before_;
    if (shown != good_ && !again) return FetchAnswer{401, Secret(R"({"error":{"code":"refresh_token_reused"}})")};
    if (!again) {
      before_ = shown;
      good_ = "rt_" + std::to_string(++count_);
      access_ends_ = clock_.wall + 240h;
    }
    if (fate_.Step()) return gone;  // it took the token, and its answer got lost
    return FetchAnswer{200, Secret("{\"access_token\":\"" + IssuedJwt(clock_.wall, access_ends_, "acct") +
                                   "\",\"refresh_token\":\"" + good_ + "\"}")};
  }
  const std::string& good() const { return good_; }
  bool shown_twice_early() const { return shown_twice_early_; }
  int shown(const std::string& token) const { return shown_.contains(token) ? shown_.at(token) : 0; }

 private:
  static std::string Between(const std::string& text, const std::string& before, const std::string& after) {
    const auto begin = text.find(before) + before.size();
    return text.substr(begin, text.find(after, begin) - begin);
  }
  Fate& fate_;
  const FakeClock& clock_;
  const bool forgiving_;
  const WallTime first_access_ends_ = clock_.wall + kLives;
  WallTime access_ends_ = first_access_ends_;
  std::string good_ = "rt_acct", before_;
  std::map<std::string, int> shown_;
  int count_ = 1;
  bool shown_twice_early_ = false;
};

struct Walk {
  explicit Walk(bool forgiving)
      : world({[this](std::unique_ptr<Store> store) -> std::unique_ptr<Store> {
                 return std::make_unique<FatedStore>(std::move(store), fate);
               },
               [forgiving](config::v1::Config& config) {
                 (*config.mutable_providers())["codex"].mutable_auth()->mutable_oauth()->set_refresh_token_once(
                     !forgiving);
               }}),
        provider(fate, world.clock, forgiving),
        account(world.MustAdd("acct", kLives)) {
    world.fetcher->token_endpoint = [this](const std::string& body) { return provider.Take(body); };
  }
  void Tick() {
    world.refresher().Tick();
    world.Settle();
  }
  // With a program that keeps the same login in a file.
  void Share() {
    file = world.directory.path / "auth.json";
    std::ofstream(file) << R"({"tokens":{"access_token":")" + world.accounts().Find(account)->tokens.access.Reveal() +
                               R"(","refresh_token":"rt_acct"}})";
    auto read = world.Await(world.shared().Read(file.string()));
    ASSERT_TRUE(read.ok()) << read.error().message;
    std::vector<NewAccount> accounts;
    accounts.push_back(std::move(*read));
    ASSERT_EQ(world.Await(world.accounts().Add(std::move(accounts))).front()->account, account);
    world.Settle();
  }
  std::string FileToken() {
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return FindLogin("codex")->file->read(text)->refresh.Reveal();
  }
  // Whoever comes after the crash goes on until the old access token has ended.
  void Restart() {
    fate.Disarm();
    world.Crash();
    world.Start();
    world.Settle();
    for (int i = 0; i < 30; ++i) {
      world.clock.Pass(10s);
      world.shared().Tick([this](const AccountId& id) { return world.refresher().IsRefreshing(id); });
      Tick();
    }
  }
  std::size_t claims() { return (*OpenStore(world.directory.path))->LoadClaims()->size(); }

  std::string Kept() { return (*(*OpenStore(world.directory.path))->LoadAccount(account))->tokens.refresh.Reveal(); }

  std::filesystem::path file;
  Fate fate;
  CoreWorld world;
  OneUseProvider provider;
  AccountId account;
};

TEST(RefresherKilled, LosesNoLoginThatIsNotLostAlready) {
  int walks = 0, lost = 0;
  for (int last_step = 1;; ++last_step, ++walks) {
    SCOPED_TRACE(last_step);
    Walk walk(/*forgiving=*/false);
    walk.fate.Arm(last_step);
    walk.Tick();
    if (!walk.fate.over()) break;
    const bool was_kept = walk.Kept() == walk.provider.good();
    walk.Restart();
    EXPECT_EQ(walk.claims(), 0u);
    EXPECT_FALSE(walk.provider.shown_twice_early()) << "while the access token was good";
    if (!was_kept) {
      ++lost;
      // The new tokens were in nobody's hands but ours.
      EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kExpired);
      EXPECT_THAT(walk.world.Evidence(walk.account), HasSubstr("most likely it was ours"));
      continue;
    }
    EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kActive) << walk.world.Evidence(walk.account);
    EXPECT_EQ(walk.world.RefreshTokenOf(walk.account), walk.provider.good());
  }
  EXPECT_GE(walks, 8) << "claimed, shown, asked, kept: each before and after";
  // The provider took the token: its answer got lost, or was in memory and not on the disk.
  EXPECT_EQ(lost, 2);
}

// The file takes the new tokens before the store does, and tells whoever comes after the crash.
TEST(RefresherKilled, LosesLessWhereTheLoginIsSharedWithAFile) {
  int walks = 0, lost = 0;
  for (int last_step = 1;; ++last_step, ++walks) {
    SCOPED_TRACE(last_step);
    Walk walk(/*forgiving=*/false);
    walk.Share();
    walk.fate.Arm(last_step);
    walk.Tick();
    if (!walk.fate.over()) break;
    const bool in_file = walk.FileToken() == walk.provider.good();
    walk.Restart();
    EXPECT_FALSE(walk.provider.shown_twice_early());
    if (!in_file) {
      ++lost;
      EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kExpired);
      continue;
    }
    EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kActive) << walk.world.Evidence(walk.account);
    EXPECT_EQ(walk.world.RefreshTokenOf(walk.account), walk.provider.good());
    EXPECT_EQ(walk.FileToken(), walk.provider.good());
    EXPECT_EQ(walk.claims(), 0u);
  }
  EXPECT_GE(walks, 8);
  EXPECT_EQ(lost, 1) << "whose answer got lost";
}

TEST(RefresherKilled, LosesNothingWhereATokenMayBeShownAgain) {
  int walks = 0;
  for (int last_step = 1;; ++last_step, ++walks) {
    SCOPED_TRACE(last_step);
    Walk walk(/*forgiving=*/true);
    walk.fate.Arm(last_step);
    walk.Tick();
    if (!walk.fate.over()) break;
    walk.Restart();
    EXPECT_EQ(walk.claims(), 0u);
    EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kActive) << walk.world.Evidence(walk.account);
    EXPECT_EQ(walk.world.RefreshTokenOf(walk.account), walk.provider.good());
  }
  EXPECT_GE(walks, 8);
}

TEST(RefresherOnAFullDisk, ShowsNoTokenThatItCouldNotWriteDownAndHealsAlone) {
  for (int commits = 0; commits < 4; ++commits) {  // that go well before the disk is full
    SCOPED_TRACE(commits);
    Walk walk(/*forgiving=*/false);
    walk.fate.disk_takes = commits;
    walk.Tick();
    EXPECT_EQ(walk.world.StateOf(walk.account), AccountState::kActive) << "its token is good";
    const bool asked = walk.provider.shown("rt_acct") > 0;
    if (asked) {
      EXPECT_EQ(walk.world.RefreshTokenOf(walk.account), "rt_2") << "in use, disk or not";
    }
    walk.fate.disk_takes = kNever;
    walk.world.clock.Pass(6s);
    walk.Tick();
    walk.world.Until([&] { return walk.world.accounts().IsKept(walk.account); });
    walk.Restart();
    EXPECT_EQ(walk.world.RefreshTokenOf(walk.account), "rt_2");
    EXPECT_EQ(walk.provider.shown("rt_acct"), 1);
    EXPECT_EQ(walk.provider.shown("rt_2"), 0);
  }
}

}  // namespace
}  // namespace patchbay::accounts
