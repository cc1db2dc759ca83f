#include "lib/keyterms/network.h"

#include <gtest/gtest.h>

namespace patchbay::keyterms {
namespace {

bool Allowed(const char* network, const char* source) {
  accounts::v1::KeyTerms terms;
  terms.add_sources(network);
  return AllowsSource(terms, source);
}

TEST(Source, IsAllowedByItsAddressOrItsNetwork) {
  EXPECT_TRUE(Allowed("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Allowed("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(Allowed("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Allowed("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(Allowed("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(Allowed("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Allowed("fd00::/8", "fd12:3456::1"));
  EXPECT_FALSE(Allowed("fd00::/8", "2001:db8::1"));
  EXPECT_TRUE(Allowed("2001:db8::7", "2001:DB8:0::7"));
}

TEST(Source, IsTheSameByEitherFamilyOfASocket) {
  EXPECT_TRUE(Allowed("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(Allowed("::ffff:10.1.2.3", "10.1.2.3"));
  EXPECT_FALSE(Allowed("::/96", "10.1.2.3"));
  EXPECT_TRUE(Allowed("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Allowed("0.0.0.0/0", "2001:db8::1"));
}

TEST(Source, MayBeInAZone) { EXPECT_TRUE(Allowed("fe80::/10", "fe80::1%eth0")); }

TEST(Source, OfAUnixSocketIsNoneAndPasses) { EXPECT_TRUE(Allowed("192.0.2.7", "")); }

TEST(Source, ThatNobodyCanReadIsRefused) { EXPECT_FALSE(Allowed("0.0.0.0/0", "somewhere")); }

TEST(Source, OfAKeyWithoutSuchTermsIsAny) { EXPECT_TRUE(AllowsSource({}, "192.0.2.7")); }

TEST(Network, IsWrittenWithoutBitsBehindItsPrefix) {
  for (const char* text : {"10.0.0.1/8", "fd00::1/8", "192.0.2.128/24"}) {
    EXPECT_EQ(ParseNetwork(text).error().message, "'" + std::string(text) + "' has bits behind its prefix");
  }
}

TEST(Network, OfAnythingElseIsNone) {
  for (const char* text : {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0/8",
                           "fe80::1%eth0", "1.2.3.4.5", "10.0.0.0/8/8", "/8"}) {
    EXPECT_FALSE(ParseNetwork(text).ok()) << text;
  }
}

}  // namespace
}  // namespace patchbay::keyterms
