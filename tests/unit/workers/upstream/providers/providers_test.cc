#include "workers/upstream/providers/providers.h"

#include <gtest/gtest.h>

#include "lib/testing/configured.h"

namespace patchbay::upstream {
namespace {

config::v1::Config WithCodex(const std::string& base_url, bool allow_private = false) {
  auto config = patchbay::testing::Configured();
  config::v1::Provider& codex = (*config.mutable_providers())["codex"];
  codex.set_base_url(base_url);
  codex.set_allow_private(allow_private);
  return config;
}

TEST(ProvidersTest, KnowTheBuiltInOnesWithoutAnyConfiguration) {
  const auto providers = Providers::FromConfig({});
  ASSERT_TRUE(providers.ok()) << providers.error().message;
  const auto codex = providers->Find("codex");
  ASSERT_NE(codex, nullptr);
  EXPECT_EQ(codex->generate.authority.host, "chatgpt.com");
  EXPECT_EQ(codex->generate.path, "/backend-api/codex/responses");
  EXPECT_EQ(codex->usage.path, "/backend-api/wham/usage");
  EXPECT_EQ(codex->token.authority.host, "auth.openai.com");
  EXPECT_NE(codex->token.tls, nullptr);
  EXPECT_EQ(providers->Find("nobody"), nullptr);
}

TEST(ProvidersTest, LookForUsageElsewhereWhereTheBaseHasNoBackendPrefix) {
  const auto providers = Providers::FromConfig(WithCodex("https://proxy.example/codex"));
  ASSERT_TRUE(providers.ok());
  EXPECT_EQ(providers->Find("codex")->usage.path, "/codex/api/codex/usage");
}

TEST(ProvidersTest, SendNoCredentialInTheClearToAnybodyElsesMachine) {
  EXPECT_EQ(Providers::FromConfig(WithCodex("http://provider.example")).error().where, "providers.codex.base_url");
  EXPECT_TRUE(Providers::FromConfig(WithCodex("http://127.0.0.1:1", true)).ok());
}

}  // namespace
}  // namespace patchbay::upstream
