#include "cli/key_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kMoment{1'787'400'000s};

template <class Message>
Message KeyOf(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

constexpr const char* kLimited = R"pb(
  id: "key_1"
  name: "ci"
  hint: "x9Qz"
  created_at { seconds: 1787396400 }
  expires_at { seconds: 1787486400 }
  old_secret_until { seconds: 1787403600 }
  terms {
    models: "gpt-5.5"
    tiers: "standard"
    tiers: "flex"
    highest_effort: "high"
    sources: "10.0.0.0/8"
    requests_per_minute: 60
    concurrency: 4
    budgets { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
    budgets { period: BUDGET_PERIOD_MONTH tokens: 3000000 }
    fallback_model: "gpt-5.5-mini"
  }
  standing {
    requests_this_minute: 3
    tokens_this_minute: 1200
    open: 2
    waiting: 1
    budgets {
      budget { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
      used: 4200000000
      reserved: 100000000
      resets_at { seconds: 1787443200 }
    }
    budgets {
      budget { period: BUDGET_PERIOD_MONTH tokens: 3000000 }
      used: 1
    }
  }
)pb";

TEST(KeyTable, SaysInShortWhatIsLimitedAndUsed) {
  accounts::v1::ListClientKeysReply reply;
  *reply.add_keys() = KeyOf<accounts::v1::ClientKey>(kLimited);
  *reply.add_keys() = KeyOf<accounts::v1::ClientKey>(R"pb(id: "key_2" name: "ocm" configured: true)pb");
  const std::string table = KeyTable(reply, kMoment).Render(false);
  EXPECT_THAT(table, HasSubstr("model gpt-5.5, 2 tiers, effort up to high, from 10.0.0.0/8, 60 rpm, 4 at once, "
                               "5 USD a day, 3M tokens a month"));
  EXPECT_THAT(table, HasSubstr("84% of 5 USD a day"));
  EXPECT_THAT(table, HasSubstr("configuration"));
}

TEST(KeyTable, HasNothingToSayOfAKeyWithoutLimits) {
  EXPECT_EQ(LimitsText({}), "-");
  EXPECT_EQ(UsedText({}).text, "-");
}

TEST(UsedText, WarnsBeforeABudgetEnds) {
  const auto colour = [](int used) {
    return UsedText(
               KeyOf<accounts::v1::KeyStanding>(
                   "budgets { budget { period: BUDGET_PERIOD_DAY tokens: 100 } used: " + std::to_string(used) + " }"))
        .colour;
  };
  EXPECT_EQ(colour(79), Colour::kGood);
  EXPECT_EQ(colour(80), Colour::kWarn);
  EXPECT_EQ(colour(100), Colour::kBad);
}

TEST(KeyPage, TellsEveryTermAndHowMuchIsUsed) {
  const std::string page = KeyPage(KeyOf<accounts::v1::ClientKey>(kLimited), kMoment, false);
  EXPECT_THAT(page, HasSubstr("old secret      good until 2026-08-22T13:00:00Z"));
  EXPECT_THAT(page, HasSubstr("expires         in 1d (2026-08-23T12:00:00Z)"));
  EXPECT_THAT(page, HasSubstr("models          gpt-5.5"));
  EXPECT_THAT(page, HasSubstr("tiers           standard, flex"));
  EXPECT_THAT(page, HasSubstr("highest effort  high"));
  EXPECT_THAT(page, HasSubstr("this minute     3 of 60 requests, "));
  EXPECT_THAT(page, HasSubstr("open            2 of 4 calls, 1 waiting"));
  EXPECT_THAT(page, HasSubstr("budget          5 USD a day: 4.2 USD used, 0.1 USD reserved, resets in 12h"));
  EXPECT_THAT(page, HasSubstr("budget          3M tokens a month: 1 tokens used"));
  EXPECT_THAT(page, HasSubstr("on budget       fallback gpt-5.5-mini"));
}

TEST(KeyPage, LeavesOutAnOldSecretThatIsOver) {
  const std::string page = KeyPage(KeyOf<accounts::v1::ClientKey>(kLimited), kMoment + 2h, false);
  EXPECT_THAT(page, Not(HasSubstr("old secret")));
}

TEST(KeyPage, LetsNobodyPaintTheTerminal) {
  const auto key = KeyOf<accounts::v1::ClientKey>(R"pb(id: "key_1" name: "\033[31mred")pb");
  EXPECT_THAT(KeyPage(key, kMoment, false), Not(HasSubstr("\033")));
}

}  // namespace
}  // namespace patchbay::cli
