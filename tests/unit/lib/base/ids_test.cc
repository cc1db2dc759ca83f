#include "lib/base/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "lib/base/random.h"

namespace patchbay {
namespace {

TEST(StrongId, CannotChangePlacesWithAnotherKind) {
  static_assert(!std::is_convertible_v<AccountId, LeaseId>);
  static_assert(!std::is_convertible_v<std::string, AccountId>);
  EXPECT_EQ(AccountId("a"), AccountId("a"));
  EXPECT_LT(AccountId("a"), AccountId("b"));
}

TEST(RandomId, IsUniqueAndKeepsItsPrefix) {
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = RandomId("req_");
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RandomUuid, HasVersionFourForm) {
  const std::string uuid = RandomUuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

}  // namespace
}  // namespace patchbay
