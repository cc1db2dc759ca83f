#include "workers/accounts/service/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/time/proto_time.h"
#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ExplainConvert, TakesWhatAFrontendSaysOfAnAttempt) {
  v1::Settle settle;
  settle.set_outcome(v1::OUTCOME_ABANDONED);
  settle.set_served_model("m-2026");
  SetDuration(250ms, settle.mutable_first_output());
  settle.mutable_notes()->add_ignored("seed");
  settle.mutable_notes()->add_repaired("sealed_reasoning");
  const TracedEnd end = ToEnd(settle);
  EXPECT_EQ(end.outcome, "abandoned");
  EXPECT_EQ(end.served_model, "m-2026");
  EXPECT_EQ(end.first_output, 250ms);
  EXPECT_FALSE(end.total.has_value());
  EXPECT_THAT(end.notes.ignored, ElementsAre("seed"));
  EXPECT_THAT(end.notes.repaired, ElementsAre("sealed_reasoning"));
  EXPECT_FALSE(end.notes.head.has_value());
  settle.set_outcome(static_cast<v1::Outcome>(77));
  EXPECT_EQ(ToEnd(settle).outcome, "") << "of a newer frontend";
}

TEST(ExplainConvert, HasEverythingOfACandidate) {
  Candidate candidate;
  candidate.account = AccountId("acc_1");
  candidate.label = "work";
  candidate.eligible = true;
  candidate.reason = "eligible";
  candidate.provider = "codex";
  candidate.place = 2;
  candidate.score = "price 0.75, 1 in flight";
  candidate.home = true;
  candidate.leases_open = 1;
  candidate.weight = 3;
  candidate.since = WallTime(std::chrono::seconds(1'790'000'000));
  v1::AccountExplanation out;
  WriteExplanation(candidate, 8, &out);
  EXPECT_EQ(out.account(), "acc_1");
  EXPECT_TRUE(out.eligible());
  EXPECT_EQ(out.place(), 2);
  EXPECT_EQ(out.score(), "price 0.75, 1 in flight");
  EXPECT_TRUE(out.home());
  EXPECT_EQ(out.leases_open(), 1);
  EXPECT_EQ(out.slots(), 8);
  EXPECT_EQ(out.weight(), 3);
  EXPECT_FALSE(out.has_until());
  EXPECT_FALSE(out.has_held_until());
}

// A story as the pool would tell it: a choice among two, one of which has been removed since, a failure, a denial.
TEST(ExplainConvert, TellsAStoryWithTheLabelsOfNow) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  Trace trace;
  trace.request = RequestId("r1");
  trace.client_key = ClientKeyId("key_gone");
  trace.model = "gpt-5.5";
  Considered considered;
  considered.accounts_total = 2;
  Weighed here;
  here.order = world.pool().Find(account)->facts.order;
  here.place = 1;
  here.slower = 4;
  Weighed gone;
  gone.order = 999;
  gone.block = Block::kExhausted;
  considered.accounts = {here, gone};
  Granted granted;
  granted.account = account;
  granted.wire_model = "gpt-5.5";
  granted.reason = "paced";
  granted.attempt = 1;
  Judged judged;
  judged.account = account;
  judged.failure = "429 usage_limit_reached";
  judged.rule = "exhausted";
  Denied denied;
  denied.code = DenyCode::kExhausted;
  denied.message = "no account left";
  denied.summary = "1 exhausted";
  trace.steps = {{0ms, considered}, {0ms, granted}, {20ms, judged}, {30ms, denied}};
  v1::RequestTrace out;
  WriteTrace(trace, *world.core, &out);
  EXPECT_EQ(out.request_id(), "r1");
  EXPECT_EQ(out.client_key(), "key_gone") << "its id where it has no name any more";
  ASSERT_EQ(out.steps_size(), 3) << "who was considered belongs to the choice";
  const auto& choice = out.steps(0).choice();
  EXPECT_EQ(choice.account(), account.str());
  EXPECT_EQ(choice.accounts_total(), 2);
  ASSERT_EQ(choice.accounts_size(), 2);
  EXPECT_TRUE(choice.accounts(0).eligible());
  EXPECT_EQ(choice.accounts(0).account(), account.str());
  EXPECT_THAT(choice.accounts(0).reason(), HasSubstr("4 times as long"));
  EXPECT_FALSE(choice.accounts(1).eligible());
  EXPECT_EQ(choice.accounts(1).reason(), "it has been removed since");
  EXPECT_EQ(out.steps(1).verdict().failure(), "429 usage_limit_reached");
  EXPECT_EQ(out.steps(1).verdict().rule(), "exhausted");
  EXPECT_EQ(out.steps(1).after().nanos(), 20'000'000);
  EXPECT_EQ(out.steps(2).denial().message(), "no account left");
  EXPECT_EQ(out.steps(2).denial().accounts(), "1 exhausted");
}

}  // namespace
}  // namespace patchbay::accounts
