#include "lib/rpc/caller_metadata.h"

#include <gmock/gmock.h>

namespace patchbay::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CallerMetadata, HasTheKeysOfBothPlaces) {
  EXPECT_THAT(KeysIn({{"authorization", "Bearer a"}, {"x-patchbay-key", " b "}, {"other", "c"}}),
              ElementsAre("b", "a"));
  EXPECT_THAT(KeysIn({{"authorization", "bearer   a"}}), ElementsAre("a"));
  EXPECT_THAT(KeysIn({{"authorization", "Basic eDp5"}, {"x-patchbay-key", ""}}), IsEmpty());
  EXPECT_THAT(KeysIn({{"authorization", "Bearer"}}), IsEmpty());
  EXPECT_THAT(KeysIn({{"authorization", "Bearera"}}), IsEmpty());
}

TEST(CallerMetadata, HasAnAddressWithoutItsPort) {
  EXPECT_EQ(AddressOfPeer("ipv4:192.0.2.7:4711"), "192.0.2.7");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B2001:db8::7%5D:4711"), "2001:db8::7");
  EXPECT_EQ(AddressOfPeer("ipv6:[::1]:80"), "::1");
  EXPECT_EQ(AddressOfPeer(""), "");
}

}  // namespace
}  // namespace patchbay::rpc
