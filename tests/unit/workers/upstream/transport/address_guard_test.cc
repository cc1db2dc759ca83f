#include "workers/upstream/transport/address_guard.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

bool IsPublic(const char* text) { return IsPublicAddress(boost::asio::ip::make_address(text)); }

TEST(AddressGuard, LetsPublicAddressesThrough) {
  for (const char* text : {"1.1.1.1", "104.18.32.47", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
                           "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::6812:202f",
                           "2a00:1450:4001::1", "64:ff9b::101:101", "2002:0101:0101::1", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(AddressGuard, RefusesEverythingThatIsNotGlobal) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:c0a8:101::1",
                           "3fff::1",
                           "fc00::1",
                           "fd12::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "::7f00:1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

}  // namespace
}  // namespace patchbay::upstream
