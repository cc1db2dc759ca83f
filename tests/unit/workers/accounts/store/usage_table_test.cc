#include "workers/accounts/store/usage_table.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

Result<bool> Add(Store& store, const UsageRecord& usage) {
  ASSIGN_OR_RETURN(const auto fresh, store.AddUsage({usage}));
  return fresh.at(0) == RowAdded::kNew;
}

TEST(UsageTable, KeepsEveryColumnOfAUsageRow) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  UsageRecord usage = AUsage("l1");
  usage.model = "smart";
  usage.provider = "codex";
  usage.wire_model = "gpt-5.5";
  usage.served_model = "gpt-5.5-2026";
  usage.service_tier = "priority";
  usage.dialect = "openai_chat";
  usage.outcome = 3;
  usage.cached_input_tokens = 3;
  usage.cache_write_tokens = 4;
  usage.reasoning_tokens = 5;
  usage.usage_estimated = true;
  usage.first_output = std::chrono::milliseconds(321);
  usage.attempts = 2;
  usage.failure = "stream broke";
  UsageRecord lost = AUsage("l2");
  lost.outcome = kOutcomeLost;
  ASSERT_TRUE(Add(**store, lost).ok());
  for (const char* lease : {"l1", "l2"}) {  // written, and filled in
    usage.lease = LeaseId(lease);
    ASSERT_TRUE(Add(**store, usage).ok());
  }
  const auto page = (*store)->ListUsage(10, "", {});
  ASSERT_EQ(page->rows.size(), 2u);
  for (const UsageRecord& row : page->rows) {
    EXPECT_EQ(row.model, "smart");
    EXPECT_EQ(row.provider, "codex");
    EXPECT_EQ(row.wire_model, "gpt-5.5");
    EXPECT_EQ(row.served_model, "gpt-5.5-2026");
    EXPECT_EQ(row.service_tier, "priority");
    EXPECT_EQ(row.dialect, "openai_chat");
    EXPECT_EQ(row.outcome, 3);
    EXPECT_EQ(row.cached_input_tokens, 3);
    EXPECT_EQ(row.cache_write_tokens, 4);
    EXPECT_EQ(row.reasoning_tokens, 5);
    EXPECT_TRUE(row.usage_estimated);
    EXPECT_EQ(row.first_output, std::chrono::milliseconds(321));
    EXPECT_EQ(row.attempts, 2);
    EXPECT_EQ(row.failure, "stream broke");
  }
}

TEST(UsageTable, CountsASettlementOnce) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  EXPECT_EQ(*Add(**store, AUsage("l1")), true);
  EXPECT_EQ(*Add(**store, AUsage("l1")), false);
  EXPECT_EQ((*store)->ListUsage(10, "", {})->total_rows, 1);
  EXPECT_EQ((*store)->LoadAccounts()->front().requests_total, 1);
}

TEST(UsageTable, FillsInALostCallThatIsSettledAfterAll) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  UsageRecord lost = AUsage("l1");
  lost.outcome = kOutcomeLost;
  lost.input_tokens = 0;
  EXPECT_EQ(*Add(**store, lost), true);
  EXPECT_EQ(*Add(**store, AUsage("l1")), false);
  EXPECT_EQ(*Add(**store, lost), false) << "what is known stays";
  const auto page = (*store)->ListUsage(10, "", {});
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->rows[0].outcome, AUsage("l1").outcome);
  EXPECT_EQ(page->rows[0].input_tokens, AUsage("l1").input_tokens);
  EXPECT_EQ((*store)->LoadAccounts()->front().requests_total, 1);
}

TEST(UsageTable, KeepsUsageOfAnAccountThatIsGone) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  ASSERT_TRUE(Add(**store, AUsage("l1")).ok());
  ASSERT_TRUE((*store)->RemoveAccount(AccountId("a")).ok());
  EXPECT_TRUE(Add(**store, AUsage("l2")).ok()) << "a call that was under way";
  EXPECT_EQ((*store)->ListUsage(10, "", {})->total_rows, 2);
}

TEST(UsageTable, ListsUsageNewestFirstAndByRequest) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Add(**store, AUsage("l" + std::to_string(i))).ok());
  const auto page = (*store)->ListUsage(2, "", {});
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].lease, LeaseId("l4"));
  EXPECT_EQ(page->total_rows, 5);
  EXPECT_EQ((*store)->ListUsage(10, "req-l2", {})->rows.size(), 1u);
}

TEST(UsageTable, KeepsOfALostCallWhatItsSettlementDoesNotTell) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  UsageRecord lost = AUsage("l1");
  lost.outcome = kOutcomeLost;
  lost.provider = "codex";
  lost.wire_model = "gpt-5.5-wire";
  lost.attempts = 3;
  ASSERT_TRUE(Add(**store, lost).ok());
  UsageRecord bare;  // of a call that ended before much was known
  bare.lease = lost.lease;
  bare.outcome = 2;
  bare.attempts = 0;
  bare.failure = "the client left";
  ASSERT_TRUE(Add(**store, bare).ok());
  const auto page = (*store)->ListUsage(10, "", {});
  ASSERT_EQ(page->rows.size(), 1u);
  const UsageRecord& row = page->rows[0];
  EXPECT_EQ(row.outcome, 2);
  EXPECT_EQ(row.failure, "the client left");
  EXPECT_EQ(row.input_tokens, 0) << "what it does tell counts, nothing included";
  EXPECT_EQ(row.model, lost.model);
  EXPECT_EQ(row.provider, "codex");
  EXPECT_EQ(row.wire_model, "gpt-5.5-wire");
  EXPECT_EQ(row.started_at, lost.started_at);
  EXPECT_EQ(row.total, lost.total);
  EXPECT_EQ(row.attempts, 3);
  EXPECT_FALSE(row.first_output);
}

TEST(UsageTable, KnowsTheLatestUseOfAnAccountInWhateverOrderCallsAreSettled) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  const UsageRecord late = AUsage("l1");
  UsageRecord early = AUsage("l2");
  early.started_at -= std::chrono::hours(1);
  ASSERT_TRUE(Add(**store, late).ok());
  ASSERT_TRUE(Add(**store, early).ok());
  const auto accounts = (*store)->LoadAccounts();
  EXPECT_EQ(accounts->front().requests_total, 2);
  EXPECT_EQ(accounts->front().last_used_at, late.started_at);
}

}  // namespace
}  // namespace patchbay::accounts
