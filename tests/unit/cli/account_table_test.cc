#include "cli/account_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/base/text.h"

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;
using accounts::v1::Account;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kThen{10'000s};

Account AccountOf(const std::string& text) {
  Account account;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &account)) << text;
  return account;
}

constexpr char kWork[] = R"pb(
  ref: "acc_1"
  label: "work"
  provider: "codex"
  email: "u@example.com"
  plan: "plus"
  state: ACCOUNT_STATE_EXHAUSTED
  state_since { seconds: 9940 }
  state_until { seconds: 17200 }
  evidence: "429 usage_limit_reached"
  leases_open: 2
  priority: 5
  weight: 3
  slots: 8
  requests_total: 12345
  last_used_at { seconds: 9990 }
  has_refresh_token: true
  windows {
    name: "primary"
    used_percent: 99.6
    length { seconds: 18000 }
    resets_at { seconds: 17200 }
  }
  windows {
    used_percent: 7.4
    length { seconds: 604800 }
  })pb";

TEST(DescribeAccount, SaysWhatIsKnownOfWhoseItIs) {
  EXPECT_EQ(Describe(AccountOf(kWork)), "acc_1 (work, u@example.com, plus)");
  EXPECT_EQ(Describe(AccountOf("ref: 'acc_1' plan: 'pro'")), "acc_1 (pro)");
  EXPECT_EQ(Describe(AccountOf("ref: 'acc_1'")), "acc_1");
}

TEST(AccountTable, HasALineForEachAndDashesForWhatIsNotKnown) {
  google::protobuf::RepeatedPtrField<Account> accounts;
  *accounts.Add() = AccountOf(kWork);
  *accounts.Add() = AccountOf("ref: 'acc_2' provider: 'codex' state: ACCOUNT_STATE_ACTIVE slots: 8 weight: 1");
  EXPECT_EQ(AccountTable(accounts, kThen).Render(false),
            "ACCOUNT  LABEL  PROVIDER  PLAN  STATE      UNTIL  PRIORITY  WEIGHT  LEASES  REQUESTS  LAST USED  USED\n"
            "acc_1    work   codex     plus  exhausted  in 2h         5       3     2/8    12,345  10s ago    primary "
            "100%, 7d 7%\n"
            "acc_2    -      codex     -     active     -             0       1     0/8         0  -          -\n");
}

TEST(AccountTable, PaintsAStateByWhatItMeans) {
  for (const auto& [state, code] :
       {std::pair("ACTIVE", "32"), std::pair("THROTTLED", "33"), std::pair("EXHAUSTED", "33"),
        std::pair("EXPIRED", "31"), std::pair("BANNED", "31"), std::pair("DISABLED", "2")}) {
    google::protobuf::RepeatedPtrField<Account> accounts;
    *accounts.Add() = AccountOf(std::string("state: ACCOUNT_STATE_") + state);
    EXPECT_THAT(AccountTable(accounts, kThen).Render(true),
                HasSubstr("\x1b[" + std::string(code) + "m" + LowerCase(state) + "\x1b[0m"));
  }
}

TEST(AccountPage, HasAFactPerLine) {
  EXPECT_EQ(AccountPage(AccountOf(kWork), kThen, false),
            "account         acc_1\n"
            "label           work\n"
            "provider        codex\n"
            "provider id     -\n"
            "email           u@example.com\n"
            "plan            plus\n"
            "state           exhausted (since 1m ago)\n"
            "until           in 2h\n"
            "evidence        429 usage_limit_reached\n"
            "priority        5, weight 3\n"
            "leases          2 of 8 slots\n"
            "requests        12,345\n"
            "token expires   -\n"
            "refresh token   yes\n"
            "last used       10s ago\n"
            "added           -\n"
            "window          primary: 100% of 5h, resets in 2h\n"
            "window          7d: 7% of 7d, resets -\n");
}

TEST(AccountPage, LeavesOutWhatDoesNotApply) {
  const std::string page = AccountPage(AccountOf("ref: 'acc_1' state: ACCOUNT_STATE_ACTIVE"), kThen, false);
  EXPECT_THAT(page, Not(HasSubstr("until")));
  EXPECT_THAT(page, Not(HasSubstr("evidence")));
  EXPECT_THAT(page, HasSubstr("refresh token   no\n"));
}

TEST(AccountPage, GivesATerminalNoOrders) {
  const std::string page = AccountPage(AccountOf(R"(label: "a\033[2J" evidence: "b\nstate  fine")"), kThen, false);
  EXPECT_THAT(page, HasSubstr("label           a?[2J\n"));
  EXPECT_THAT(page, HasSubstr("evidence        b?state  fine\n"));
}

}  // namespace
}  // namespace patchbay::cli
