#include "lib/base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace patchbay {
namespace {

using namespace std::chrono_literals;

TEST(RandomBytes, AreAsManyAsAskedForAndNeverTheSame) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(1000).size(), 1000u);
  EXPECT_NE(RandomBytes(16), RandomBytes(16));
}

TEST(RandomId, IsUniqueAndKeepsItsPrefix) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = RandomId("req_");
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RandomId, HasACharacterForEachFiveBits) { EXPECT_EQ(RandomId("x", 41).size(), 10u); }

TEST(OrderedId, SortsByItsTime) {
  const WallTime now{1'787'400'000s};
  EXPECT_LT(OrderedId("u", now), OrderedId("u", now + 1ms));
  EXPECT_LT(OrderedId("u", now + 999ms), OrderedId("u", now + 24h));
  EXPECT_NE(OrderedId("u", now), OrderedId("u", now));
}

TEST(RandomUuid, HasVersionFourForm) {
  const std::string uuid = RandomUuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  for (const std::size_t dash : {8, 13, 18, 23}) EXPECT_EQ(uuid[dash], '-');
}

}  // namespace
}  // namespace patchbay
