#include "cli/explain_page.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr WallTime kNowThen{10'000s};

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(ExplainPage, PutsThoseFirstThatWouldBeTakenFirst) {
  const auto reply = FromText<accounts::v1::ExplainReply>(R"pb(
    accounts {
      account: "acc_1"
      label: "work"
      provider: "p"
      reason: "exhausted until 2001 (429)"
      until { seconds: 13600 }
      slots: 8
      score: "price 1.00"
      home: true
    }
    accounts {
      account: "acc_2"
      provider: "p"
      eligible: true
      reason: "eligible"
      place: 2
      score: "price 0.80, 1 in flight"
      leases_open: 1
      slots: 8
      priority: -1
    }
    accounts { account: "acc_3" provider: "p" eligible: true reason: "eligible" place: 1 score: "price 0.75" slots: 8 }
    chosen: "acc_3"
    reason: "paced")pb");
  EXPECT_EQ(ExplainPage(reply, kNowThen, false), R"(
   ACCOUNT  LABEL  PROVIDER  ELIGIBLE  UNTIL  SCORE                    LEASES  REASON
1  acc_3    -      p         yes       -      price 0.75                  0/8  eligible
2  acc_2    -      p         yes       -      price 0.80, 1 in flight     1/8  eligible; priority -1
   acc_1    work   p         no        in 1h  -                           0/8  exhausted until 2001 (429); the conversation lives here

acc_3 would be chosen: paced
)" + 1);
}

TEST(ExplainPage, SaysWhenItMakesSenseAgain) {
  const auto reply = FromText<accounts::v1::ExplainReply>(R"pb(reason: "no quota"
                                                               available_at { seconds: 13600 })pb");
  EXPECT_EQ(ExplainPage(reply, kNowThen, false), "none would be chosen: no quota; it makes sense again in 1h\n");
}

TEST(RecheckLine, SaysWhatTheLookChanged) {
  auto reply = FromText<accounts::v1::RecheckAccountReply>(R"pb(
    account {
      ref: "acc_1"
      label: "work"
      state: ACCOUNT_STATE_ACTIVE
      windows { name: "primary" used_percent: 12 }
    }
    before: ACCOUNT_STATE_EXHAUSTED)pb");
  EXPECT_EQ(RecheckLine(reply, kNowThen), "acc_1 (work): exhausted → active; primary 12%");
  reply.set_before(accounts::v1::ACCOUNT_STATE_ACTIVE);
  EXPECT_EQ(RecheckLine(reply, kNowThen), "acc_1 (work): active; primary 12%");
  reply.set_problem("no answer: connection refused");
  EXPECT_THAT(RecheckLine(reply, kNowThen), HasSubstr("as before (active): no answer: connection refused"));
}

}  // namespace
}  // namespace patchbay::cli
