#include "lib/events/kinds.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/base/check.h"

namespace patchbay::events {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

v1::Event Event(const std::string& text) {
  v1::Event event;
  PATCHBAY_CHECK(google::protobuf::TextFormat::ParseFromString(text, &event));
  return event;
}

TEST(Kinds, EachHasANameSomethingToSayAndASeverity) {
  std::set<std::string> names;
  for (const v1::EventKind kind : Kinds()) {
    EXPECT_THAT(FactsOf(kind).says(), Not(IsEmpty())) << NameOf(kind);
    EXPECT_NE(FactsOf(kind).severity(), v1::SEVERITY_UNSPECIFIED) << NameOf(kind);
    EXPECT_EQ(ParseKind(NameOf(kind)), kind);
    EXPECT_TRUE(names.insert(NameOf(kind)).second) << NameOf(kind);
  }
  EXPECT_TRUE(names.contains("needs_login"));
  EXPECT_FALSE(ParseKind("unspecified").has_value());
  EXPECT_FALSE(ParseKind("").has_value());
}

TEST(Kinds, OneOfANewerProgramIsStillShown) {
  const auto newer = static_cast<v1::EventKind>(9999);
  EXPECT_EQ(NameOf(newer), "");
  v1::Event event;
  event.set_kind(newer);
  event.set_provider("p");
  EXPECT_EQ(TextOf(event), "provider p has an event");
}

TEST(EventText, SaysWhoWhatUntilWhenAndWhy) {
  EXPECT_EQ(TextOf(Event(R"pb(kind: EVENT_KIND_EXHAUSTED
                              account: "acc_1"
                              account_label: "work"
                              provider: "p"
                              until { seconds: 1000000000 }
                              evidence: "429 usage_limit_reached")pb")),
            "account acc_1 (work) has used up its quota, until 2001-09-09T01:46:40Z: 429 usage_limit_reached");
  EXPECT_EQ(TextOf(Event(R"pb(kind: EVENT_KIND_ALL_EXHAUSTED provider: "p")pb")),
            "provider p has no account left with quota");
  EXPECT_EQ(TextOf(Event(R"pb(kind: EVENT_KIND_BUDGET_LOW client_key: "ci" part: "daily budget")pb")),
            "client key ci has used most of its budget (daily budget)");
}

TEST(EventSubject, IsWhomTheTroubleIsOf) {
  const v1::Event trouble = Event(R"pb(kind: EVENT_KIND_BANNED account: "acc_1" provider: "p" evidence: "x")pb");
  const v1::Event end = Event(R"pb(kind: EVENT_KIND_RECOVERED account: "acc_1" provider: "p")pb");
  EXPECT_EQ(SubjectOf(trouble), SubjectOf(end));
  EXPECT_NE(SubjectOf(trouble), SubjectOf(Event(R"pb(kind: EVENT_KIND_BANNED account: "acc_2" provider: "p")pb")));
  EXPECT_NE(SubjectOf(trouble), SubjectOf(Event(R"pb(kind: EVENT_KIND_NONE_USABLE provider: "p")pb")));
}

}  // namespace
}  // namespace patchbay::events
