#include "workers/accounts/tokens/refresh_schedule.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

constexpr Moment kStart{WallTime(std::chrono::seconds(1'790'000'000)), SteadyTime(1000h)};
Moment After(std::chrono::milliseconds time) { return {kStart.wall + time, kStart.steady + time}; }

TokenAge Ends(std::chrono::milliseconds in, std::int64_t version = 1) {
  return {true, kStart.wall + in, kStart.wall, version};
}

const AccountId kAccount("acc_1");
const RefreshTerms kTerms{5min, 0ms, false};
const RefreshTerms kOnce{5min, 0ms, true};

TEST(RefreshSchedule, RenewsBeforeTheEndAndNotAllAtOnce) {
  int soon = 0;
  for (int i = 0; i < 100; ++i) {
    const RefreshHistory history(AccountId("acc_" + std::to_string(i)));
    EXPECT_FALSE(history.IsDue(Ends(6min), kTerms, kStart)) << i;
    EXPECT_TRUE(history.IsDue(Ends(5min), kTerms, kStart)) << i;
    if (history.IsDue(Ends(5min + 20s), kTerms, kStart)) ++soon;
  }
  EXPECT_GT(soon, 20);
  EXPECT_LT(soon, 80);
}

TEST(RefreshSchedule, RenewsByAgeWhereNobodyTellsTheEnd) {
  const RefreshHistory history(kAccount);
  const TokenAge silent{true, std::nullopt, kStart.wall, 1};
  EXPECT_FALSE(history.IsDue(silent, kTerms, After(1000h))) << "it is used until it is refused";
  const RefreshTerms by_age{5min, 192h, true};
  EXPECT_FALSE(history.IsDue(silent, by_age, After(160h)));
  EXPECT_TRUE(history.IsDue(silent, by_age, After(192h)));
  EXPECT_TRUE(history.IsDue({}, by_age, kStart)) << "there is no access token at all";
}

TEST(RefreshSchedule, WaitsLongerAfterEachFailure) {
  RefreshHistory history(kAccount);
  std::chrono::milliseconds at = 0ms, waited = 0ms;
  for (int i = 0; i < 6; ++i) {
    history.Failed(After(at).steady);
    std::chrono::milliseconds wait = 0ms;
    while (!history.IsDue(Ends(240h), {241h, 0ms, false}, After(at + wait))) wait += 500ms;
    EXPECT_GE(wait, waited) << i;
    waited = wait;
    at += wait;
  }
  EXPECT_GE(waited, 5min);
  EXPECT_LE(waited, 6min);
}

TEST(RefreshSchedule, WaitsNotSoLongForAnAccountThatIsGoodForNothingMeanwhile) {
  RefreshHistory history(kAccount);
  for (int i = 0; i < 6; ++i) history.Failed(kStart.steady);
  history.Tried(kStart.steady);
  EXPECT_TRUE(history.IsDue(Ends(0ms), kTerms, After(15s)));
  EXPECT_TRUE(history.IsDue({}, kTerms, After(15s)));
  EXPECT_FALSE(history.IsDue(Ends(0ms), kTerms, After(14s)));
  EXPECT_FALSE(history.IsDue(Ends(1min), kTerms, After(15s)));
}

TEST(RefreshSchedule, UsesUpTheAccessTokenBeforeItShowsARefreshTokenThatMayBeSpent) {
  RefreshHistory history(kAccount);
  history.PerhapsSpent(1, kStart.wall);
  EXPECT_FALSE(history.IsDue(Ends(4min), kOnce, kStart));
  EXPECT_TRUE(history.IsDue(Ends(1min), kOnce, kStart));
  EXPECT_TRUE(history.IsDue(Ends(240h), kTerms, kStart)) << "where nothing can be lost by asking";
  EXPECT_TRUE(history.IsDue(Ends(4min, /*version=*/2), kOnce, kStart)) << "another login is in its place";
  EXPECT_EQ(history.PerhapsSpentSince(1), kStart.wall);
  EXPECT_EQ(history.PerhapsSpentSince(2), std::nullopt);
}

TEST(RefreshSchedule, DoesNotRenewAtOnceWhatSeemsToBeAtItsEndAtOnce) {
  RefreshHistory history(kAccount);
  history.Tried(kStart.steady);
  history.Renewed(Ends(4min), kStart);
  EXPECT_FALSE(history.IsDue(Ends(4min), kTerms, After(119s))) << "it lives shorter than the skew";
  EXPECT_TRUE(history.IsDue(Ends(4min), kTerms, After(2min)));
  history.Renewed(Ends(-24h), kStart);
  EXPECT_FALSE(history.IsDue(Ends(-24h), kTerms, After(4s)));
}

TEST(RefreshSchedule, ReadsTheTermsOfARow) {
  const RefreshTerms codex = TermsOf(*CatalogProviders().Find("codex"), 5min);
  EXPECT_EQ(codex.skew, 5min);
  EXPECT_EQ(codex.age, 192h);
  EXPECT_TRUE(codex.once);
  const Providers providers = ProvidersWith(R"pb(providers {
                                                   key: "mine"
                                                   value {
                                                     base_url: "https://m.example"
                                                     auth {
                                                       mode: "oauth"
                                                       oauth { refresh_skew { seconds: 60 } }
                                                     }
                                                   }
                                                 })pb");
  const RefreshTerms mine = TermsOf(*providers.Find("mine"), 5min);
  EXPECT_EQ(mine.skew, 60s);
  EXPECT_EQ(mine.age, 0ms);
  EXPECT_FALSE(mine.once);
}

}  // namespace
}  // namespace patchbay::accounts
