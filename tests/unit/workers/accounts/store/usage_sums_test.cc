#include "workers/accounts/store/usage_sums.h"

#include <gmock/gmock.h>

#include "lib/time/time_text.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 10:00 on a Monday.
const WallTime kMorning = *ParseDate("2026-11-30") + hours(10);

struct UsageSumsTest : ::testing::Test {
  UsageSumsTest() : store(std::move(*OpenStore(directory.path))) {}

  // 10 tokens in, 20 out; a nano-dollar for each.
  UsageRecord Row(WallTime at) {
    UsageRecord row = AUsage("l" + std::to_string(++leases));
    row.client_key = ClientKeyId("key_1");
    row.provider = "openai";
    row.wire_model = "gpt-5.4";
    row.outcome = 1;
    row.started_at = at;
    row.cost_nano_dollars = 30;
    return row;
  }
  UsageRecord Add(UsageRecord row) {
    EXPECT_TRUE(store->AddUsage({row}).ok());
    return row;
  }
  UsageQuestion Question(UsageBy by, WallTime since = kMorning - hours(100), WallTime until = kMorning + hours(100)) {
    UsageQuestion question;
    question.by = by;
    question.filter.since = since;
    question.filter.until = until;
    question.limit = 100;
    return question;
  }
  UsageSums Sums(const UsageQuestion& question) {
    auto sums = store->SumUsage(question);
    EXPECT_TRUE(sums.ok()) << sums.error().message;
    return std::move(*sums);
  }
  UsageSum All() { return Sums(Question(UsageBy::kAll)).all; }
  // "alice 2": each group and its requests.
  std::vector<std::string> Groups(const UsageQuestion& question) {
    std::vector<std::string> groups;
    for (const UsageGroup& group : Sums(question).groups) {
      const bool in_time = question.by == UsageBy::kDay || question.by == UsageBy::kHour;
      groups.push_back((in_time ? Rfc3339(group.begins_at) : group.of) + " " + std::to_string(group.sum.requests));
    }
    return groups;
  }

  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store;
  int leases = 0;
};

TEST_F(UsageSumsTest, AddUpEveryColumn) {
  UsageRecord row = Row(kMorning);
  row.cached_input_tokens = 4;
  row.cache_write_tokens = 3;
  row.reasoning_tokens = 5;
  row.first_output = std::chrono::milliseconds(200);
  Add(row);
  row.lease = LeaseId("other");
  row.subscription = true;
  row.usage_estimated = true;
  row.outcome = 3;
  row.first_output.reset();
  Add(row);
  row.lease = LeaseId("third");
  row.cost_nano_dollars.reset();
  row.outcome = 2;
  Add(row);
  const UsageSum sum = All();
  EXPECT_EQ(sum.requests, 3);
  EXPECT_EQ(sum.failed, 1);
  EXPECT_EQ(sum.abandoned, 1);
  EXPECT_EQ(sum.lost, 0);
  EXPECT_EQ(sum.estimated, 2);
  EXPECT_EQ(sum.unpriced, 1);
  EXPECT_EQ(sum.input_tokens, 30);
  EXPECT_EQ(sum.cached_input_tokens, 12);
  EXPECT_EQ(sum.cache_write_tokens, 9);
  EXPECT_EQ(sum.output_tokens, 60);
  EXPECT_EQ(sum.reasoning_tokens, 15);
  EXPECT_EQ(sum.cost_nano_dollars, 30);
  EXPECT_EQ(sum.subscription_nano_dollars, 30);
  EXPECT_EQ(sum.total_ms, 3 * 1234);
  EXPECT_EQ(sum.first_output_ms, 200);
  EXPECT_EQ(sum.first_outputs, 1);
}

TEST_F(UsageSumsTest, CountARowThatIsWrittenTwiceOnce) {
  const UsageRecord row = Add(Row(kMorning));
  Add(row);
  EXPECT_TRUE(store->AddUsage({row, row, Row(kMorning), row}).ok()) << "also within one batch";
  EXPECT_EQ(All().requests, 2);
  EXPECT_EQ(All().cost_nano_dollars, 60);
  EXPECT_EQ((*store->LoadWeeks()).at(0).requests, 2);
}

TEST_F(UsageSumsTest, AreCorrectedWithALostCall) {
  UsageRecord lost = Row(kMorning);
  lost.outcome = kOutcomeLost;
  lost.input_tokens = lost.output_tokens = 0;
  lost.cost_nano_dollars.reset();
  Add(lost);
  EXPECT_EQ(All().lost, 1);
  EXPECT_EQ(All().unpriced, 1);
  UsageRecord settled = Row(kMorning + hours(1));
  settled.lease = lost.lease;
  settled.total = std::chrono::milliseconds(7);
  Add(settled);
  Add(settled);
  Add(lost);
  const UsageSum sum = All();
  EXPECT_EQ(sum.requests, 1);
  EXPECT_EQ(sum.lost, 0);
  EXPECT_EQ(sum.unpriced, 0);
  EXPECT_EQ(sum.cost_nano_dollars, 30);
  EXPECT_EQ(sum.total_ms, 7);
  EXPECT_EQ((*store->LoadWeeks()).at(0).requests, 1);
}

TEST_F(UsageSumsTest, AreNotWhatTheyWereWithoutTheirRows) {
  const auto written = store->InTransaction([&]() -> Result<void> {
    EXPECT_TRUE(store->AddUsage({Row(kMorning)}).ok());
    return Error(ErrorCode::kInternal, "and then something went wrong");
  });
  EXPECT_FALSE(written.ok());
  EXPECT_EQ(All().requests, 0);
  EXPECT_EQ(store->ListUsage(10, "", {})->total_rows, 0);
}

TEST_F(UsageSumsTest, AreGroupedByWhatIsAskedTheDearestFirst) {
  Add(Row(kMorning));
  UsageRecord row = Row(kMorning);
  row.client_key = ClientKeyId("key_2");
  row.account = AccountId("acc_2");
  row.provider = "codex";
  row.wire_model = "gpt-5.5";
  row.cost_nano_dollars = 31;
  row.subscription = true;
  Add(row);
  EXPECT_THAT(Groups(Question(UsageBy::kKey)), ElementsAre("key_2 1", "key_1 1"));
  EXPECT_THAT(Groups(Question(UsageBy::kAccount)), ElementsAre("acc_2 1", "a 1"));
  EXPECT_THAT(Groups(Question(UsageBy::kProvider)), ElementsAre("codex 1", "openai 1"));
  EXPECT_THAT(Groups(Question(UsageBy::kModel)), ElementsAre("gpt-5.5 1", "gpt-5.4 1"));
  EXPECT_THAT(Groups(Question(UsageBy::kAll)), IsEmpty());
}

TEST_F(UsageSumsTest, AreOfThoseThatAreAskedFor) {
  Add(Row(kMorning));
  UsageRecord row = Row(kMorning);
  row.client_key = ClientKeyId("key_2");
  Add(row);
  for (const auto set : {+[](UsageFilter& f) { f.client_key = "key_2"; }, +[](UsageFilter& f) { f.account = "x"; },
                         +[](UsageFilter& f) { f.provider = "x"; }, +[](UsageFilter& f) { f.wire_model = "x"; }}) {
    UsageQuestion question = Question(UsageBy::kModel);
    set(question.filter);
    const bool key = !question.filter.client_key.empty();
    EXPECT_EQ(Sums(question).all.requests, key ? 1 : 0);
    EXPECT_EQ(Sums(question).groups.size(), key ? 1u : 0u);
    EXPECT_EQ(store->ListUsage(10, "", question.filter)->rows.size(), key ? 1u : 0u);
  }
}

TEST_F(UsageSumsTest, HaveDaysByTheClockOfTheAsker) {
  Add(Row(*ParseDate("2026-11-29") + hours(23)));
  Add(Row(*ParseDate("2026-11-30") + hours(1)));
  EXPECT_THAT(Groups(Question(UsageBy::kDay)), ElementsAre("2026-11-29T00:00:00Z 1", "2026-11-30T00:00:00Z 1"));
  UsageQuestion question = Question(UsageBy::kDay);
  question.utc_offset = hours(2);
  EXPECT_THAT(Groups(question), ElementsAre("2026-11-29T22:00:00Z 2"));
  question.utc_offset = -hours(2);
  EXPECT_THAT(Groups(question), ElementsAre("2026-11-29T02:00:00Z 2"));
  EXPECT_THAT(Groups(Question(UsageBy::kHour)), ElementsAre("2026-11-29T23:00:00Z 1", "2026-11-30T01:00:00Z 1"));
}

TEST_F(UsageSumsTest, AreExactToTheMillisecondWhileThereAreRows) {
  for (const int minute : {-61, -31, -30, 0, 59, 60, 90, 91}) Add(Row(kMorning + minutes(minute)));
  const auto count = [&](int since, int until) {
    return Sums(Question(UsageBy::kAll, kMorning + minutes(since), kMorning + minutes(until))).all.requests;
  };
  EXPECT_EQ(count(-30, 91), 5);
  EXPECT_EQ(count(0, 60), 2);
  EXPECT_EQ(count(-31, 0), 2);
  EXPECT_EQ(count(60, 91), 2);
  EXPECT_EQ(count(1, 59), 0) << "within one hour";
  EXPECT_EQ(count(0, 1), 1);
  EXPECT_EQ(count(-100, 200), 8);
}

TEST_F(UsageSumsTest, AreOfFullHoursWhereRowsAreForgotten) {
  for (const int minute : {-61, -31, -30, 0, 59, 60, 90}) Add(Row(kMorning + minutes(minute)));
  UsageRetention retention;
  retention.requests_before = kMorning;
  retention.requests_max = 1000;
  retention.step = 100;
  EXPECT_EQ(*store->ForgetUsage(retention), false);
  EXPECT_EQ(store->ListUsage(10, "", {})->total_rows, 4);
  const UsageSums sums = Sums(Question(UsageBy::kAll, kMorning - minutes(30), kMorning + minutes(90)));
  EXPECT_EQ(sums.all.requests, 5) << "9:29 too, and not 10:90";
  EXPECT_EQ(sums.since, kMorning - hours(1));
  EXPECT_EQ(sums.until, kMorning + minutes(90));
  EXPECT_EQ(All().requests, 7) << "the sums of what is forgotten stay";
}

TEST_F(UsageSumsTest, TellWhenThereIsMore) {
  for (int i = 0; i < 3; ++i) {
    UsageRecord row = Row(kMorning);
    row.wire_model = "m" + std::to_string(i);
    Add(row);
  }
  UsageQuestion question = Question(UsageBy::kModel);
  question.limit = 2;
  EXPECT_EQ(Sums(question).groups.size(), 2u);
  EXPECT_TRUE(Sums(question).more);
  EXPECT_EQ(Sums(question).all.requests, 3);
  question.limit = 3;
  EXPECT_FALSE(Sums(question).more);
}

TEST_F(UsageSumsTest, AreKeptByWeekModelTierAndLength) {
  UsageRecord row = Row(kMorning);
  row.week_started_at = kMorning - hours(24);
  row.served_tier = "standard";
  row.service_tier = "priority";
  Add(row);
  UsageRecord other = Row(kMorning);
  other.week_started_at = row.week_started_at;
  other.long_context = true;
  Add(other);
  UsageRecord nothing_used = Row(kMorning);
  nothing_used.input_tokens = nothing_used.output_tokens = 0;
  Add(nothing_used);
  const auto weeks = *store->LoadWeeks();
  ASSERT_EQ(weeks.size(), 2u);
  EXPECT_EQ(weeks[0].week_started_at, kMorning - hours(24));
  EXPECT_EQ(weeks[0].tier, "") << "served in the standard one";
  EXPECT_FALSE(weeks[0].long_context);
  EXPECT_EQ(weeks[0].requests, 1);
  EXPECT_EQ(weeks[0].cost_nano_dollars, 30);
  EXPECT_TRUE(weeks[1].long_context);
}

TEST_F(UsageSumsTest, ForgetInStepsTheOldestFirst) {
  for (int i = 0; i < 10; ++i) Add(Row(kMorning + minutes(i)));
  UsageRetention retention;
  retention.requests_before = kMorning + minutes(3);
  retention.requests_max = 4;
  retention.step = 2;
  std::vector<std::int64_t> left;
  bool more = true;
  while (more && left.size() < 20) {
    more = *store->ForgetUsage(retention);
    left.push_back(store->ListUsage(10, "", {})->total_rows);
  }
  EXPECT_THAT(left, ElementsAre(8, 6, 4, 4));
  EXPECT_EQ(store->ListUsage(10, "", {})->rows.back().started_at, kMorning + minutes(6));
}

TEST_F(UsageSumsTest, KeepTheLastHundredDaysOnWhichKeysWereUsedHoweverFarApart) {
  UsageRetention retention;
  retention.requests_before = WallTime{};
  retention.requests_max = 1000;
  retention.hours_before = WallTime{};
  retention.step = 1000;
  const auto days = [&] {
    EXPECT_TRUE(store->ForgetUsage(retention).ok());
    return store->LoadKeyDays(std::chrono::sys_days{})->size();
  };
  for (int day = 0; day < 3; ++day) Add(Row(kMorning + hours(24 * day)));
  Add(Row(kMorning + hours(24 * 4000)));  // the clock ran ahead
  EXPECT_EQ(days(), 4u) << "what was used before counts once the clock is right";
  for (int day = 3; day < 110; ++day) Add(Row(kMorning + hours(24 * day)));
  EXPECT_EQ(days(), 100u);
  EXPECT_EQ(store->LoadKeyDays(std::chrono::floor<std::chrono::days>(kMorning + hours(24 * 4000)))->size(), 1u);
}

TEST_F(UsageSumsTest, ForgetHoursAndWeeksThatAreOver) {
  for (int i = 0; i < 3; ++i) {
    UsageRecord row = Row(kMorning + hours(i));
    row.week_started_at = kMorning - hours(24 * 7 + i);
    Add(row);
  }
  UsageRetention retention;
  retention.requests_before = kMorning - hours(1000);
  retention.requests_max = 1000;
  retention.hours_before = kMorning + hours(2);
  retention.step = 100;
  EXPECT_TRUE(*store->ForgetUsage(retention)) << "an hour at a time";
  EXPECT_TRUE(*store->ForgetUsage(retention));
  EXPECT_FALSE(*store->ForgetUsage(retention));
  EXPECT_EQ(All().requests, 1);
  EXPECT_THAT(*store->LoadWeeks(), IsEmpty());
}

}  // namespace
}  // namespace patchbay::accounts
