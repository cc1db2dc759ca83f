#include "supervisor/events/event_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::supervisor {
namespace {

events::v1::Event About(const std::string& account, const std::string& evidence = {}) {
  events::v1::Event event;
  event.set_kind(events::v1::EVENT_KIND_BANNED);
  event.set_account(account);
  event.set_evidence(evidence);
  return event;
}

TEST(EventRing, GivesWhatCameSince) {
  EventRing ring;
  EXPECT_EQ(ring.After(0).event, nullptr);
  ring.Add("accounts", About("a"));
  ring.Add("accounts", About("b"));
  ASSERT_NE(ring.After(0).event, nullptr);
  EXPECT_EQ(ring.After(0).event->event.account(), "a");
  EXPECT_EQ(ring.After(0).event->sequence, 1);
  EXPECT_EQ(ring.After(1).event->event.account(), "b");
  EXPECT_EQ(ring.After(1).missed, 0);
  EXPECT_EQ(ring.After(2).event, nullptr);
  EXPECT_EQ(ring.After(99).event, nullptr) << "a number that was never given";
}

TEST(EventRing, IsBoundedAndSaysWhatIsGone) {
  EventRing ring;
  for (std::size_t i = 0; i < EventRing::kEvents + 10; ++i) ring.Add("accounts", About(std::to_string(i)));
  EXPECT_EQ(ring.newest(), static_cast<std::int64_t>(EventRing::kEvents) + 10);
  const EventRing::Next next = ring.After(3);
  EXPECT_EQ(next.event->sequence, 11);
  EXPECT_EQ(next.missed, 7);
  EXPECT_EQ(ring.After(10).missed, 0);
}

TEST(EventRing, MakesStrangersTextsFit) {
  EventRing ring;
  const SeenEvent& kept = ring.Add("accounts", About("B\u00fcro", "\x1b[2J" + std::string(10'000, 'x')));
  EXPECT_THAT(kept.event.evidence(), ::testing::StartsWith("?[2Jxxx"));
  EXPECT_EQ(kept.event.evidence().size(), EventRing::kTextBytes);
  EXPECT_EQ(kept.event.account(), "B\u00fcro");
  std::string accents;
  while (accents.size() < EventRing::kTextBytes + 1) accents += "\u00fc";
  EXPECT_EQ(ring.Add("accounts", About("a", "x" + accents)).event.evidence().size(), EventRing::kTextBytes - 1)
      << "no half of a character is left";
}

}  // namespace
}  // namespace patchbay::supervisor
