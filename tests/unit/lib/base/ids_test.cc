#include "lib/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace patchbay {
namespace {

TEST(StrongId, CannotChangePlacesWithAnotherKind) {
  static_assert(!std::is_convertible_v<AccountId, LeaseId>);
  static_assert(!std::is_convertible_v<std::string, AccountId>);
  EXPECT_EQ(AccountId("a"), AccountId("a"));
  EXPECT_LT(AccountId("a"), AccountId("b"));
}

}  // namespace
}  // namespace patchbay
