#include "workers/upstream/transport/road.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace patchbay::upstream {
namespace {

using Use = ConnectionKey::Use;

const Authority kPlace{true, "provider.com", 443};

TEST(Road, LeadsNowhereByAnEgressThatWeDoNotHave) {
  const auto road = Road::Of("a", "tokyo");
  ASSERT_FALSE(road.ok());
  EXPECT_EQ(road.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(road.error().message, "unknown egress 'tokyo'");
}

TEST(Road, BelongsToAnAccount) { EXPECT_EQ(Road::Of("", "").error().code, ErrorCode::kInvalidArgument); }

TEST(RoadDeathTest, NobodysRoadMakesNoKey) { EXPECT_DEATH(ConnectionKey(kPlace, Road(), Use::kRequests), ""); }

TEST(ConnectionKey, DiffersByAccountPlaceAndUse) {
  const Road a = Road::Of("a", "").value();
  const Road b = Road::Of("b", "").value();
  const std::unordered_set<ConnectionKey, ConnectionKey::Hash> keys = {
      {kPlace, a, Use::kRequests},
      {kPlace, a, Use::kRequests},  // the same once more
      {kPlace, b, Use::kRequests},
      {kPlace, a, Use::kWebSocket},
      {{false, "provider.com", 443}, a, Use::kRequests},
      {{true, "provider.com", 8443}, a, Use::kRequests},
      {{true, "provider.co", 443}, a, Use::kRequests}};
  EXPECT_EQ(keys.size(), 6u);
}

}  // namespace
}  // namespace patchbay::upstream
