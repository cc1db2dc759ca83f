// What every Store promises to those who share it (store.h).
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "tests/unit/workers/accounts/store/counting_store.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;
using Kind = ClaimAnswer::Kind;

constexpr WallTime kNoon{std::chrono::seconds(1'790'000'000)};

struct Implementation {
  const char* name;
  // The store in that directory, once more if it was opened before.
  std::function<std::unique_ptr<Store>(const std::filesystem::path&)> open;
};

std::unique_ptr<Store> Sqlite(const std::filesystem::path& directory) {
  auto store = OpenStore(directory);
  EXPECT_TRUE(store.ok()) << store.error().message;
  return std::move(*store);
}

std::unique_ptr<Store> Counting(const std::filesystem::path& directory) {
  static std::atomic<int> commits;
  static std::atomic<bool> full{false};
  return std::make_unique<CountingStore>(Sqlite(directory), commits, full);
}

class StoreConformance : public ::testing::TestWithParam<Implementation> {
 protected:
  // Two processes, or one before and after a restart.
  std::unique_ptr<Store> Open() { return GetParam().open(directory_.path); }
  void SetUp() override { ASSERT_TRUE(store_->PutAccount(AnAccount("a")).ok()); }

  static RefreshClaim Wish(const std::string& owner, WallTime at = kNoon, std::int64_t version = 1) {
    return {AccountId("a"), version, owner, at, at + 2min, std::nullopt};
  }
  static StoredAccount WithTokens(std::int64_t version, const std::string& refresh) {
    StoredAccount account = AnAccount("a");
    account.credential_version = version;
    account.tokens.refresh = Secret(refresh);
    account.token_expires_at = kNoon + 1h;
    account.tokens_at = kNoon;
    return account;
  }
  std::string RefreshToken(Store& store) { return (*store.LoadAccount(AccountId("a")))->tokens.refresh.Reveal(); }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_ = Open();
  std::unique_ptr<Store> other_ = Open();
};

TEST_P(StoreConformance, HasTheSameNameAfterARestart) {
  const std::string node = *store_->Node();
  EXPECT_FALSE(node.empty());
  store_ = Open();
  EXPECT_EQ(*store_->Node(), node);
}

TEST_P(StoreConformance, LoadsOneAccountAsAll) {
  ASSERT_TRUE(store_->PutAccount(AnAccount("b")).ok());
  ASSERT_TRUE(store_->PutQuota(AccountId("b"), {.windows = {{"", 5h, 12.5, std::nullopt, kNoon}}}).ok());
  const auto one = store_->LoadAccount(AccountId("b"));
  ASSERT_TRUE(one.ok() && one->has_value());
  EXPECT_EQ((*one)->label, "label of b");
  EXPECT_EQ((*one)->quota.windows.size(), 1u);
  EXPECT_EQ(store_->LoadAccounts()->size(), 2u);
  EXPECT_FALSE(store_->LoadAccount(AccountId("gone"))->has_value());
}

TEST_P(StoreConformance, LeavesTokensAloneWhenAnAccountIsEdited) {
  ASSERT_TRUE(*other_->PutTokens(WithTokens(2, "rt-2"), 1));
  StoredAccount edited = AnAccount("a");
  edited.label = "renamed";
  ASSERT_TRUE(store_->PutAccount(edited).ok());
  const auto account = store_->LoadAccount(AccountId("a"));
  EXPECT_EQ((*account)->label, "renamed");
  EXPECT_EQ((*account)->credential_version, 2);
  EXPECT_EQ((*account)->tokens.refresh.Reveal(), "rt-2");
  EXPECT_EQ((*account)->token_expires_at, kNoon + 1h);
  EXPECT_EQ((*account)->tokens_at, kNoon);
}

TEST_P(StoreConformance, TakesTokensOfOneWriterOnly) {
  EXPECT_TRUE(*store_->PutTokens(WithTokens(2, "first"), 1));
  EXPECT_FALSE(*other_->PutTokens(WithTokens(2, "second"), 1));
  EXPECT_EQ(RefreshToken(*other_), "first");
  EXPECT_TRUE(*other_->PutTokens(WithTokens(7, "third"), 2));
  EXPECT_EQ(RefreshToken(*store_), "third");
  EXPECT_EQ((*store_->LoadAccount(AccountId("a")))->credential_version, 7);
  ASSERT_TRUE(store_->RemoveAccount(AccountId("a")).ok());
  EXPECT_FALSE(*other_->PutTokens(WithTokens(8, "fourth"), 7)) << "and makes no account";
  EXPECT_TRUE(store_->LoadAccounts()->empty());
}

TEST_P(StoreConformance, GivesAClaimToOneOwner) {
  EXPECT_EQ(store_->ClaimRefresh(Wish("one"))->kind, Kind::kOurs);
  const auto held = other_->ClaimRefresh(Wish("two", kNoon + 119s));
  EXPECT_EQ(held->kind, Kind::kHeld);
  EXPECT_EQ(held->claim.owner, "one");
  EXPECT_EQ(held->claim.expires_at, kNoon + 2min);
  EXPECT_EQ(store_->ClaimRefresh(Wish("one", kNoon + 1s))->kind, Kind::kOurs) << "its owner, back from a crash";
}

TEST_P(StoreConformance, LetsAClaimEndByItsTime) {
  ASSERT_TRUE(store_->ClaimRefresh(Wish("one")).ok());
  EXPECT_EQ(other_->ClaimRefresh(Wish("two", kNoon + 2min))->kind, Kind::kOurs);
  EXPECT_FALSE(*store_->NoteShown(AccountId("a"), "one", kNoon + 2min)) << "it is another's now";
  ASSERT_TRUE(store_->EndClaim(AccountId("a"), "one", std::nullopt).ok());
  EXPECT_EQ(other_->LoadClaims()->size(), 1u) << "nobody ends another's";
}

TEST_P(StoreConformance, HoldsNoClaimOverAClockThatJumpsBack) {
  ASSERT_TRUE(store_->ClaimRefresh(Wish("one", kNoon + 24h)).ok());
  EXPECT_EQ(other_->ClaimRefresh(Wish("two", kNoon))->kind, Kind::kOurs);
  ASSERT_TRUE(store_->ClaimRefresh(Wish("two", kNoon)).ok());
  EXPECT_EQ(other_->ClaimRefresh(Wish("three", kNoon - 30s))->kind, Kind::kHeld) << "two clocks are never the same";
}

TEST_P(StoreConformance, RemembersThatATokenWasShown) {
  ASSERT_TRUE(store_->ClaimRefresh(Wish("one")).ok());
  EXPECT_FALSE(store_->LoadClaims()->front().shown_at) << "claimed, and not yet shown";
  EXPECT_TRUE(*store_->NoteShown(AccountId("a"), "one", kNoon + 1s));
  store_ = Open();
  EXPECT_EQ(store_->LoadClaims()->front().shown_at, kNoon + 1s);
  EXPECT_EQ(store_->ClaimRefresh(Wish("one", kNoon + 5s))->claim.shown_at, kNoon + 1s);
  EXPECT_TRUE(*store_->NoteShown(AccountId("a"), "one", kNoon + 6s));
  EXPECT_EQ(store_->LoadClaims()->front().shown_at, kNoon + 1s) << "the first time counts";
  ASSERT_TRUE(store_->EndClaim(AccountId("a"), "one", kNoon + 1s).ok());
  const auto next = other_->ClaimRefresh(Wish("two", kNoon + 7s));
  EXPECT_EQ(next->kind, Kind::kOurs) << "given back";
  EXPECT_EQ(next->claim.shown_at, kNoon + 1s) << "and not forgotten";
  ASSERT_TRUE(other_->EndClaim(AccountId("a"), "two", std::nullopt).ok());
  EXPECT_TRUE(store_->LoadClaims()->empty());
}

TEST_P(StoreConformance, EndsAClaimWithItsTokens) {
  ASSERT_TRUE(store_->ClaimRefresh(Wish("one")).ok());
  ASSERT_TRUE(*store_->NoteShown(AccountId("a"), "one", kNoon));
  ASSERT_TRUE(*store_->PutTokens(WithTokens(2, "rt-2"), 1));
  EXPECT_TRUE(other_->LoadClaims()->empty());
  EXPECT_EQ(other_->ClaimRefresh(Wish("two"))->kind, Kind::kOtherTokens) << "it does not know the new ones yet";
  const auto claimed = other_->ClaimRefresh(Wish("two", kNoon, 2));
  EXPECT_EQ(claimed->kind, Kind::kOurs);
  EXPECT_FALSE(claimed->claim.shown_at) << "that was another token";
}

TEST_P(StoreConformance, ClaimsNothingOfAnAccountThatIsGone) {
  ASSERT_TRUE(store_->ClaimRefresh(Wish("one")).ok());
  ASSERT_TRUE(other_->RemoveAccount(AccountId("a")).ok());
  EXPECT_TRUE(store_->LoadClaims()->empty());
  EXPECT_EQ(store_->ClaimRefresh(Wish("one"))->kind, Kind::kNoAccount);
}

TEST_P(StoreConformance, KeepsAllOfATransactionOrNothing) {
  const auto done = store_->InTransaction([&]() -> Result<void> {
    RETURN_IF_ERROR(store_->ClaimRefresh(Wish("one")));
    EXPECT_TRUE(*store_->PutTokens(WithTokens(2, "rt-2"), 1));
    return Error(ErrorCode::kInternal, "no");
  });
  EXPECT_FALSE(done.ok());
  EXPECT_TRUE(other_->LoadClaims()->empty());
  EXPECT_EQ(RefreshToken(*other_), "refresh-of-a");
}

TEST_P(StoreConformance, KeepsAClientKeyWithItsTermsAndSecrets) {
  StoredClientKey key;
  key.id = ClientKeyId("ck_1");
  key.name = "laptop";
  key.hint = "wxyz";
  key.created_at = kNoon;
  key.secrets = {{std::string(32, 'b'), std::nullopt}, {std::string(32, 'a'), kNoon + 1h}};
  key.terms.add_models("gpt-*");
  key.terms.add_budgets()->set_tokens(1000);
  key.expires_at = kNoon + 24h;
  key.rotated_at = kNoon;
  ASSERT_TRUE(store_->PutClientKey(key).ok());
  auto loaded = other_->LoadClientKeys();
  ASSERT_TRUE(loaded.ok() && loaded->size() == 1u);
  EXPECT_EQ(loaded->front().secrets, key.secrets) << "the newest first";
  EXPECT_EQ(loaded->front().terms.SerializeAsString(), key.terms.SerializeAsString());
  EXPECT_EQ(loaded->front().expires_at, key.expires_at);
  EXPECT_EQ(loaded->front().rotated_at, key.rotated_at);

  key.name = "notebook";
  key.secrets = {{std::string(32, 'c'), std::nullopt}};
  key.expires_at.reset();
  ASSERT_TRUE(store_->PutClientKey(key).ok());
  loaded = other_->LoadClientKeys();
  EXPECT_EQ(loaded->front().name, "notebook");
  EXPECT_EQ(loaded->front().secrets, key.secrets) << "those of before are gone";
  EXPECT_FALSE(loaded->front().expires_at);
}

TEST_P(StoreConformance, KeepsNoSecretOfAKeyThatTheConfigurationNames) {
  StoredClientKey key;
  key.id = ClientKeyId("ck_1");
  key.name = "ci";
  key.secrets = {{std::string(32, 'b'), std::nullopt}};
  key.configured = true;
  ASSERT_TRUE(store_->PutClientKey(key).ok());
  const auto loaded = other_->LoadClientKeys();
  EXPECT_TRUE(loaded->front().configured);
  EXPECT_TRUE(loaded->front().secrets.empty());
}

TEST_P(StoreConformance, ForgetsAClientKeyWithItsSecrets) {
  StoredClientKey key;
  key.id = ClientKeyId("ck_1");
  key.name = "ci";
  key.secrets = {{std::string(32, 'b'), std::nullopt}};
  ASSERT_TRUE(store_->PutClientKey(key).ok());
  ASSERT_TRUE(store_->RemoveClientKey(key.id).ok());
  EXPECT_TRUE(other_->LoadClientKeys()->empty());
  EXPECT_TRUE(store_->RemoveClientKey(key.id).ok()) << "a second time changes nothing";
  key.id = ClientKeyId("ck_2");
  EXPECT_TRUE(store_->PutClientKey(key).ok()) << "nobody else has that secret any more";
}

TEST_P(StoreConformance, AddsUpWhatAKeyUsesOfADayOnceAndWithoutItsFallback) {
  const auto today = std::chrono::floor<std::chrono::days>(kNoon);
  UsageRecord row = AUsage("l1");
  row.client_key = ClientKeyId("ck_1");
  row.started_at = kNoon;
  row.outcome = kOutcomeLost;
  row.input_tokens = row.output_tokens = 0;
  EXPECT_EQ(store_->AddUsage({row})->front(), RowAdded::kNew);
  EXPECT_TRUE(store_->LoadKeyDays(today)->empty()) << "nothing is known of a lost call";
  row.outcome = 1;
  row.input_tokens = 10;
  row.output_tokens = 20;
  row.cost_nano_dollars = 7;
  EXPECT_EQ(store_->AddUsage({row})->front(), RowAdded::kFilledIn);
  EXPECT_EQ(store_->AddUsage({row})->front(), RowAdded::kKnown);
  UsageRecord fallback = row;
  fallback.lease = LeaseId("l2");
  fallback.outside_budgets = true;
  EXPECT_EQ(store_->AddUsage({fallback})->front(), RowAdded::kNew);
  const std::vector<KeyDay> used = {{ClientKeyId("ck_1"), today, 30, 7}};
  EXPECT_EQ(*other_->LoadKeyDays(today), used);
  EXPECT_TRUE(other_->LoadKeyDays(today + std::chrono::days(1))->empty());
}

INSTANTIATE_TEST_SUITE_P(EveryStore, StoreConformance,
                         ::testing::Values(Implementation{"Sqlite", Sqlite}, Implementation{"Counting", Counting}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace patchbay::accounts
