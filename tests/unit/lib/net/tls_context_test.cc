#include "lib/net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/lib/net/tls_pair.h"

namespace patchbay::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string WhyNot(const TlsFiles& files) {
  const auto loaded = TlsContext::Load(files);
  EXPECT_FALSE(loaded.ok());
  if (loaded.ok()) return {};
  EXPECT_EQ(loaded.error().code, ErrorCode::kFailedPrecondition);
  return loaded.error().message;
}

TEST(TlsContext, KnowsWhatItsCertificateIsFor) {
  TlsFolder folder;
  const auto one =
      TlsContext::Load(folder.Make("one", "DNS:gateway.example,DNS:*.example,IP:127.0.0.1,IP:::1,email:a@b"));
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_THAT((*one)->names(), ElementsAre("gateway.example", "*.example", "127.0.0.1", "::1"));
  EXPECT_THAT((*one)->fingerprint(), SizeIs(64));
  EXPECT_NE((*one)->fingerprint(), (*TlsContext::Load(folder.Make("two")))->fingerprint());
  const auto left = (*one)->valid_until() - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::minutes(50));
  EXPECT_LT(left, std::chrono::minutes(70));
}

TEST(TlsContext, SaysWhatIsWrongWithItsFiles) {
  TlsFolder folder;
  const TlsFiles good = folder.Make("good");
  TlsFiles files = good;
  files.key = folder.Make("other").key;
  EXPECT_THAT(WhyNot(files), HasSubstr("does not belong to the certificate in " + good.certificate));
  files.key = folder.Encrypt(good.key);
  EXPECT_THAT(WhyNot(files), HasSubstr("has a passphrase"));
  files.key = folder.Write("text", "nothing of the kind");
  EXPECT_THAT(WhyNot(files), HasSubstr("holds no private key"));
  files.key = good.key + ".gone";
  EXPECT_THAT(WhyNot(files), HasSubstr("No such file"));
  files = good;
  files.certificate = good.key;
  EXPECT_THAT(WhyNot(files), HasSubstr("holds no certificate"));
  files.certificate = folder.Write("huge", std::string(std::size_t{2} << 20, 'x'));
  EXPECT_THAT(WhyNot(files), HasSubstr("too large"));
  files = good;
  files.client_ca = folder.Write("cut", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(WhyNot(files), HasSubstr(files.client_ca));
}

}  // namespace
}  // namespace patchbay::net
