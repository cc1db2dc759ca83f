#include "supervisor/events/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::supervisor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum events::v1::EventKind;

class MailboxTest : public ::testing::Test {
 protected:
  MailboxTest() { box_.SetRules({{}, 1h}); }

  void Offer(events::v1::EventKind kind, const std::string& account, const std::string& part = {}, int threshold = 0) {
    SeenEvent seen{++sequence_, "accounts", {}};
    seen.event.set_kind(kind);
    seen.event.set_account(account);
    seen.event.set_part(part);
    seen.event.set_threshold(threshold);
    box_.Offer(seen, now_);
  }
  // "BANNED a", of all that is due, each taken.
  std::vector<std::string> TakeAll() {
    std::vector<std::string> told;
    while (const SeenEvent* seen = box_.Due(now_)) {
      told.push_back(events::v1::EventKind_Name(seen->event.kind()).substr(11) + " " + seen->event.account());
      box_.Told();
    }
    return told;
  }

  SteadyTime now_{1000h};
  std::int64_t sequence_ = 0;
  Mailbox box_;
};

TEST_F(MailboxTest, TellsTheSameOfTheSameOnceInAWhile) {
  Offer(EVENT_KIND_BANNED, "a");
  Offer(EVENT_KIND_BANNED, "a");
  Offer(EVENT_KIND_BANNED, "b");
  Offer(EVENT_KIND_NEEDS_LOGIN, "a");
  Offer(EVENT_KIND_QUOTA_LOW, "a", "5h");
  Offer(EVENT_KIND_QUOTA_LOW, "a", "7d");
  EXPECT_THAT(TakeAll(), ElementsAre("BANNED a", "BANNED b", "NEEDS_LOGIN a", "QUOTA_LOW a", "QUOTA_LOW a"));
  now_ += 59min;
  Offer(EVENT_KIND_BANNED, "a");
  EXPECT_THAT(TakeAll(), IsEmpty());
  now_ += 2min;
  Offer(EVENT_KIND_BANNED, "a");
  EXPECT_THAT(TakeAll(), ElementsAre("BANNED a"));
}

TEST_F(MailboxTest, TellsOfEachThresholdThatIsPassed) {
  Offer(EVENT_KIND_QUOTA_LOW, "a", "7d", 80);
  Offer(EVENT_KIND_QUOTA_LOW, "a", "7d", 80);
  Offer(EVENT_KIND_QUOTA_LOW, "a", "7d", 95);
  Offer(EVENT_KIND_QUOTA_LOW, "a", "7d", 95);
  EXPECT_THAT(TakeAll(), ElementsAre("QUOTA_LOW a", "QUOTA_LOW a"));
}

TEST_F(MailboxTest, TellsAnEndWhereTheTroubleWasTold) {
  Offer(EVENT_KIND_RECOVERED, "a");
  EXPECT_THAT(TakeAll(), IsEmpty()) << "of what?";
  for (int i = 0; i < 5; ++i) {
    Offer(EVENT_KIND_EXHAUSTED, "a");
    Offer(EVENT_KIND_RECOVERED, "a");
    now_ += 5min;
  }
  EXPECT_THAT(TakeAll(), ElementsAre("EXHAUSTED a", "RECOVERED a")) << "one that comes and goes";
}

TEST_F(MailboxTest, TellsWhatItsRulesNameAndElseWhatIsMeantToBeTold) {
  Offer(EVENT_KIND_TEST, "");
  EXPECT_THAT(TakeAll(), IsEmpty());
  box_.SetRules({{EVENT_KIND_BANNED}, 1h});
  Offer(EVENT_KIND_EXHAUSTED, "a");
  Offer(EVENT_KIND_BANNED, "a");
  Offer(EVENT_KIND_RECOVERED, "a");
  EXPECT_THAT(TakeAll(), ElementsAre("BANNED a"));
  box_.SetRules({{EVENT_KIND_TEST}, 0ms});
  Offer(EVENT_KIND_TEST, "");
  Offer(EVENT_KIND_TEST, "");
  EXPECT_THAT(TakeAll(), ElementsAre("TEST ", "TEST ")) << "without a quiet time every one";
}

TEST_F(MailboxTest, TriesAgainLaterEachTimeAndGivesUp) {
  Offer(EVENT_KIND_BANNED, "a");
  Offer(EVENT_KIND_BANNED, "b");
  std::vector<std::chrono::milliseconds> pauses;
  while (box_.Due(now_) != nullptr && box_.Due(now_)->event.account() == "a") {
    const bool goes_on = box_.Failed(now_);
    pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(*box_.NextTry() - now_));
    EXPECT_EQ(box_.Due(now_), nullptr) << "not at once";
    now_ = *box_.NextTry();
    EXPECT_EQ(goes_on, pauses.size() < Mailbox::kTries);
  }
  ASSERT_EQ(pauses.size(), static_cast<std::size_t>(Mailbox::kTries));
  EXPECT_EQ(pauses[0], 1s);
  EXPECT_EQ(pauses[1], 2s);
  EXPECT_EQ(pauses.back(), 5min);
  EXPECT_EQ(box_.dropped(), 1);
  EXPECT_THAT(TakeAll(), ElementsAre("BANNED b"));
  EXPECT_EQ(box_.told(), 1);
  EXPECT_FALSE(box_.NextTry());
}

TEST_F(MailboxTest, IsBoundedAndKeepsTheOneThatMayBeOnItsWay) {
  for (int i = 0; i < 150; ++i) Offer(EVENT_KIND_BANNED, std::to_string(i));
  EXPECT_EQ(box_.waiting(), Mailbox::kWaiting);
  EXPECT_EQ(box_.dropped(), 50);
  EXPECT_EQ(box_.Due(now_)->event.account(), "0");
  const auto told = TakeAll();
  EXPECT_EQ(told[1], "BANNED 51");
  EXPECT_EQ(told.back(), "BANNED 149");
  for (std::size_t i = 0; i < Mailbox::kRemembered + 10; ++i) {
    Offer(EVENT_KIND_NEEDS_LOGIN, std::to_string(i));
    TakeAll();
  }
  Offer(EVENT_KIND_NEEDS_LOGIN, "0");
  EXPECT_THAT(TakeAll(), ElementsAre("NEEDS_LOGIN 0")) << "what is remembered is bounded, too";
}

}  // namespace
}  // namespace patchbay::supervisor
