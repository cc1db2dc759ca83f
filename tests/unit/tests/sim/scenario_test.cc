#include "tests/sim/scenario.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace patchbay::sim {
namespace {

TEST(ParseMarker, TakesTheMarkerOutOfTheText) {
  const MarkedText marked = ParseMarker("before [[sim:stall after=3 key=\"two words\" mid]] after");
  ASSERT_TRUE(marked.scenario.has_value());
  EXPECT_EQ(marked.scenario->name, "stall");
  EXPECT_EQ(marked.scenario->Number("after"), 3);
  EXPECT_EQ(marked.scenario->Text("key"), "two words");
  EXPECT_TRUE(marked.scenario->Flag("mid"));
  EXPECT_EQ(marked.text, "before  after");
}

TEST(ParseMarker, LeavesTextWithoutAMarkerAlone) {
  EXPECT_FALSE(ParseMarker("[[sim: no end").scenario.has_value());
  EXPECT_EQ(ParseMarker("[[sim: no end").text, "[[sim: no end");
  EXPECT_FALSE(ParseMarker("").scenario.has_value());
}

TEST(Canonical, TakesStatusCodesAndRefusalKindsForNames) {
  EXPECT_EQ(Canonical({"429", {}}).value().Text("code"), "429");
  EXPECT_EQ(Canonical({"token_expired", {}}).value().Text("kind"), "token_expired");
  EXPECT_EQ(Canonical({"token_expired", {}}).value().name, "status");
}

TEST(Canonical, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(Canonical({"stal", {}}).ok());
  EXPECT_FALSE(Canonical({"429", {{"kind", "usage_limit"}}}).ok());
}

TEST(ParseStanding, ReadsCountAndParameters) {
  const auto standing = ParseStanding({{"name", "cut"}, {"after", 2}, {"mid", true}, {"count", 3}});
  ASSERT_TRUE(standing.ok());
  EXPECT_EQ(standing->remaining, 3);
  EXPECT_EQ(standing->scenario.Number("after"), 2);
  EXPECT_TRUE(standing->scenario.Flag("mid"));
  EXPECT_FALSE(standing->scenario.Has("count"));
  EXPECT_EQ(ParseStanding({{"name", "text"}})->remaining, -1);
  EXPECT_FALSE(ParseStanding({{"name", "typo"}}).ok());
  EXPECT_FALSE(ParseStanding({{"count", 1}}).ok());
}

TEST(Combine, LetsTheAccountDecideAndTheMessageShapeTheText) {
  const Scenario combined = Combine({"cut", {{"after", "3"}}}, Scenario{"text", {{"seq", "1"}, {"after", "9"}}});
  EXPECT_EQ(combined.name, "cut");
  EXPECT_EQ(combined.Number("after"), 3);
  EXPECT_TRUE(combined.Flag("seq"));
  EXPECT_FALSE(Combine({"cut", {}}, Scenario{"stall", {{"after", "9"}}}).Has("after"));
}

}  // namespace
}  // namespace patchbay::sim
