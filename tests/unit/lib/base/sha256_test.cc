#include "lib/base/sha256.h"

#include <gtest/gtest.h>

#include "lib/base/encoding.h"

namespace patchbay {
namespace {

TEST(Sha256, MatchesTheStandardsVectors) {  // FIPS 180-4, as NIST's examples give them
  EXPECT_EQ(HexEncode(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexEncode(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace patchbay
