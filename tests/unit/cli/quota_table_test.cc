#include "cli/quota_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr WallTime kLooked{10'000s};

template <class Message>
Message ReadOf(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(QuotaTable, HasALineForEachWindowAndSaysWhatIsNotKnown) {
  const auto reply = ReadOf<accounts::v1::GetQuotaReply>(R"pb(
    accounts {
      account: "acc_1"
      label: "work"
      provider: "codex"
      plan: "plus"
      windows {
        length { seconds: 18000 }
        used_percent: 81.4
        resets_at { seconds: 13600 }
        seen_at { seconds: 9990 }
        percent_per_hour: 12.34
        dry_at { seconds: 12000 }
      }
      windows {
        limit: "spark"
        limit_name: "GPT Spark"
        length { seconds: 604800 }
        used_percent: 0.2
        seen_at { seconds: 9990 }
      }
      credits { has_credits: true balance: "12.50" }
    }
    accounts { account: "acc_2" provider: "openai" })pb");
  const std::string table = QuotaTable(reply, kLooked).Render(false);
  EXPECT_THAT(
      table,
      HasSubstr("acc_1    work   codex     plus  5h             81%  in 1h   12.3%/h  in 33m 20s  10s ago  12.50"));
  EXPECT_THAT(table, HasSubstr("7d GPT Spark   <1%"));
  EXPECT_THAT(table, HasSubstr("acc_2    -      openai    -     not known"));
}

TEST(ForecastLine, SaysWhenAPoolRunsDry) {
  const auto line = [](const std::string& text) {
    return ForecastLine(ReadOf<accounts::v1::PoolForecast>(text), kLooked);
  };
  EXPECT_EQ(line("provider: 'p' accounts: 3 with_room: 2 dry_at { seconds: 13600 }"),
            "p: 2 of 3 accounts have room; dry in 1h at the present rate");
  EXPECT_EQ(line("provider: 'p' accounts: 1 with_room: 1 seen_until { seconds: 1219600 }"),
            "p: 1 of 1 account has room; not dry before in 14d at the present rate");
  EXPECT_EQ(line("provider: 'p' accounts: 2 back_at { seconds: 13600 }"),
            "p: 0 of 2 accounts have room; the first is back in 1h");
  EXPECT_EQ(line("provider: 'p' accounts: 2 with_room: 2 unknown: 2"),
            "p: 2 of 2 accounts have room; not seen for long enough to tell when they run dry");
  EXPECT_THAT(line("provider: 'p' accounts: 3 with_room: 3 unknown: 1 dry_at { seconds: 13600 }"),
              HasSubstr("(without 1 of which too little is known)"));
}

TEST(CreditsText, IsAWordWhereThereIsNoBalance) {
  EXPECT_EQ(CreditsText(false, {}), "-");
  EXPECT_EQ(CreditsText(true, {}), "none");
  EXPECT_EQ(CreditsText(true, ReadOf<inference::v1::Credits>("has_credits: true")), "some");
  EXPECT_EQ(CreditsText(true, ReadOf<inference::v1::Credits>("unlimited: true")), "unlimited");
}

TEST(ViewText, IsTheWordOfTheOption) {
  EXPECT_EQ(ViewText(accounts::v1::QUOTA_VIEW_POOL), "pool");
  EXPECT_EQ(ViewText(accounts::v1::QUOTA_VIEW_UNSPECIFIED), "default");
}

}  // namespace
}  // namespace patchbay::cli
