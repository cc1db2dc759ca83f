#include "workers/accounts/service/convert_usage.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "lib/time/proto_time.h"

namespace patchbay::accounts {
namespace {

template <class Message>
Message Told(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(ConvertUsage, HasOneWordForEachTierHoweverItIsSaid) {
  const auto asked = [](const std::string& word) {
    return ToUsageRecord(Told<v1::Settle>("service_tier: \"" + word + "\"")).service_tier;
  };
  for (const char* word : {"", "auto", "default", "standard"}) EXPECT_EQ(asked(word), "") << word;
  EXPECT_EQ(asked("fast"), "priority");
  EXPECT_EQ(asked("ultrafast"), "ultrafast");
  EXPECT_EQ(asked(std::string(100, 'x')).size(), 32u) << "a client's word may be anything";
  const auto served = [](const std::string& tier) {
    return ToUsageRecord(Told<v1::Settle>("usage { tier: " + tier + " }")).served_tier;
  };
  EXPECT_EQ(served("TIER_UNSPECIFIED"), "");
  EXPECT_EQ(served("TIER_AUTO"), "");
  EXPECT_EQ(served("TIER_STANDARD"), "standard");
  EXPECT_EQ(served("TIER_PRIORITY"), "priority");
  EXPECT_EQ(served("TIER_FLEX"), "flex");
  EXPECT_EQ(served("TIER_SCALE"), "scale");
}

// ocm.md §9: 2025-03-09 00:00 UTC is a week before its reset.
TEST(ConvertUsage, KnowsACallThatItsKeysBudgetsDoNotCount) {
  EXPECT_TRUE(ToUsageRecord(Told<v1::Settle>("fallback_model: \"small\"")).outside_budgets);
  EXPECT_FALSE(ToUsageRecord(Told<v1::Settle>("model: \"small\"")).outside_budgets);
}

TEST(ConvertUsage, KnowsWhenTheAccountsWeekBegan) {
  const auto week = ToUsageRecord(Told<v1::Settle>(R"pb(
    rate_limits {
      windows {
        name: "primary"
        length { seconds: 18000 }
        resets_at { seconds: 1741500000 }
      }
      windows {
        name: "secondary"
        length { seconds: 604800 }
        resets_at { seconds: 1742083200 }
      }
    })pb"));
  EXPECT_EQ(week.week_started_at, WallTime(std::chrono::seconds(1'741'478'400)));
  EXPECT_FALSE(ToUsageRecord(Told<v1::Settle>(R"pb(
                 rate_limits {
                   windows {
                     name: "secondary"
                     length { seconds: 604800 }
                   }
                 })pb"))
                   .week_started_at);
  EXPECT_FALSE(ToUsageRecord(Told<v1::Settle>(R"pb(
                 rate_limits {
                   windows {
                     name: "secondary"
                     resets_at { seconds: 1742083200 }
                   }
                 })pb"))
                   .week_started_at);
}

TEST(ConvertUsage, TellsACostOnlyWhereThereIsOne) {
  UsageRecord record;
  v1::UsageRow row;
  WriteUsageRow(record, &row);
  EXPECT_FALSE(row.has_cost_nano_dollars());
  record.cost_nano_dollars = 0;
  record.subscription = true;
  record.served_tier = "flex";
  WriteUsageRow(record, &row);
  EXPECT_TRUE(row.has_cost_nano_dollars());
  EXPECT_EQ(row.cost_nano_dollars(), 0);
  EXPECT_TRUE(row.subscription());
  EXPECT_EQ(row.served_tier(), "flex");
}

TEST(ConvertUsage, TellsMeansAndNotTheSumsOfTimes) {
  UsageSum sum;
  v1::UsageSum out;
  WriteUsageSum(sum, &out);
  EXPECT_FALSE(out.has_total());
  EXPECT_FALSE(out.has_first_output());
  sum.requests = 4;
  sum.total_ms = 10'000;
  sum.first_outputs = 2;
  sum.first_output_ms = 600;
  WriteUsageSum(sum, &out);
  EXPECT_EQ(ToMilliseconds(out.total()), std::chrono::milliseconds(2500));
  EXPECT_EQ(ToMilliseconds(out.first_output()), std::chrono::milliseconds(300));
}

TEST(ConvertUsage, NamesADayAsWhoeverAsksCallsIt) {
  const auto question = ToQuestion(Told<v1::GetUsageRequest>(R"pb(
    by: USAGE_BY_DAY
    utc_offset { seconds: 3600 }
    limit: 7
    filter {
      client_key_id: "k"
      account: "a"
      provider: "p"
      model: "m"
      since { seconds: 5 }
    }
  )pb"));
  EXPECT_EQ(question.by, UsageBy::kDay);
  EXPECT_EQ(question.limit, 7);
  EXPECT_EQ(question.filter.client_key, "k");
  EXPECT_EQ(question.filter.account, "a");
  EXPECT_EQ(question.filter.provider, "p");
  EXPECT_EQ(question.filter.wire_model, "m");
  EXPECT_EQ(question.filter.since, WallTime(std::chrono::seconds(5)));
  EXPECT_FALSE(question.filter.until);
  v1::UsageGroup group;
  // Midnight there is 23:00 of the day before in UTC.
  WriteUsageGroup(question, {"", WallTime(std::chrono::seconds(1'790'031'600)), {}}, &group);
  EXPECT_EQ(group.of(), "2026-09-22");
  EXPECT_EQ(group.begins_at().seconds(), 1'790'031'600);
}

TEST(ConvertUsage, NamesAGroupThatIsNoTimeByItself) {
  v1::UsageGroup group;
  UsageQuestion question;
  question.by = UsageBy::kModel;
  WriteUsageGroup(question, {"gpt-5.5", {}, {}}, &group);
  EXPECT_EQ(group.of(), "gpt-5.5");
  EXPECT_FALSE(group.has_begins_at());
}

}  // namespace
}  // namespace patchbay::accounts
