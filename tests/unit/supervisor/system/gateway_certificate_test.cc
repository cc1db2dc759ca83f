#include "supervisor/system/gateway_certificate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "lib/pki/authority.h"
#include "lib/testing/fake_time.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

class GatewayCertificateTest : public ::testing::Test {
 protected:
  GatewayCertificateTest() {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("PATCHBAY_SEAL_KEY");
  }
  std::string Serial() const {
    std::ifstream file(pki::Files(scratch_.path()).server, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto facts = pki::ReadCertificate(text);
    return facts.ok() ? facts->serial : std::string();
  }

  ScratchDirectory scratch_;
  testing::FakeTime time_;
  GatewayCertificate certificate_{time_, scratch_.path()};
};

TEST_F(GatewayCertificateTest, IsMadeAtTheStart) {
  EXPECT_EQ(Serial(), "");
  ASSERT_TRUE(certificate_.Keep().ok());
  EXPECT_NE(Serial(), "");
}

TEST_F(GatewayCertificateTest, IsMadeAnewInTimeWhileTheProcessRuns) {
  ASSERT_TRUE(certificate_.Keep().ok());
  const std::string first = Serial();
  time_.Advance(pki::kServerValid - pki::kRenewBefore - std::chrono::hours(48));
  EXPECT_EQ(Serial(), first);
  time_.Advance(std::chrono::hours(72));
  const std::string second = Serial();
  EXPECT_NE(second, first);
  time_.Advance(std::chrono::hours(24 * 365));
  EXPECT_NE(Serial(), second) << "it goes on looking";
}

TEST_F(GatewayCertificateTest, IsLookedAtSoonAgainWhenAnotherHadTheAuthority) {
  ASSERT_TRUE(certificate_.Keep().ok());
  std::filesystem::remove(pki::Files(scratch_.path()).server);
  {
    const auto held = pki::Authority::Open(scratch_.path(), time_.Now());
    ASSERT_TRUE(held.ok());
    time_.Advance(GatewayCertificate::kLookEvery);
    EXPECT_EQ(Serial(), "");
  }
  time_.Advance(GatewayCertificate::kRetryAfter);
  EXPECT_NE(Serial(), "");
}

}  // namespace
}  // namespace patchbay::supervisor
