#include "workers/upstream/providers/providers.h"

#include <gtest/gtest.h>

#include "lib/testing/configured.h"

namespace patchbay::upstream {
namespace {

config::v1::Config WithCodex(const std::string& base_url, bool allow_private = false) {
  auto config = patchbay::testing::Configured();
  catalog::v1::Provider& codex = (*config.mutable_providers())["codex"];
  codex.set_base_url(base_url);
  codex.set_allow_private(allow_private);
  return config;
}

config::v1::Config WithMine(const std::string& text) {
  auto config = patchbay::testing::Configured();
  catalog::v1::Provider& mine = (*config.mutable_providers())["mine"];
  mine = patchbay::testing::Configured<catalog::v1::Provider>(text);
  return config;
}

TEST(ProvidersTest, KnowTheRowsThatTheProgramBrings) {
  const auto providers = Providers::FromConfig(patchbay::testing::Configured());
  ASSERT_TRUE(providers.ok()) << providers.error().message;
  const auto codex = providers->Find("codex");
  ASSERT_NE(codex, nullptr);
  EXPECT_EQ(codex->generate.authority.host, "chatgpt.com");
  EXPECT_EQ(codex->generate.path, "/backend-api/codex/responses");
  EXPECT_EQ(codex->usage.path, "/backend-api/wham/usage");
  EXPECT_EQ(codex->models.path, "/backend-api/codex/models?client_version=0.171.0");
  EXPECT_EQ(codex->token.authority.host, "auth.openai.com");
  EXPECT_EQ(codex->token.path, "/oauth/token");
  EXPECT_EQ(codex->device.path, "/api/accounts/deviceauth/usercode");
  EXPECT_EQ(codex->device_token.path, "/api/accounts/deviceauth/token");
  EXPECT_EQ(codex->revoke.path, "/oauth/revoke");
  EXPECT_NE(codex->token.tls, nullptr);
  EXPECT_EQ(providers->Find("nobody"), nullptr);
  // Nobody has said where it is.
  EXPECT_EQ(providers->Find("custom"), nullptr);
}

TEST(ProvidersTest, HaveNoPlacesThatTheirRowsDoNotName) {
  const auto providers = Providers::FromConfig(patchbay::testing::Configured());
  ASSERT_TRUE(providers.ok());
  const auto ollama = providers->Find("ollama");
  ASSERT_NE(ollama, nullptr);
  EXPECT_EQ(ollama->models.path, "/v1/models");
  EXPECT_EQ(ollama->models.tls, nullptr);
  EXPECT_EQ(ollama->usage.path, "");
  EXPECT_EQ(ollama->token.path, "");
}

TEST(ProvidersTest, OfTheOperatorAreBuiltFromTheirRowAlone) {
  const auto providers = Providers::FromConfig(WithMine(R"pb(base_url: "https://mine.example/api"
                                                             dialect: "openai_chat"
                                                             models { path: "/list" })pb"));
  ASSERT_TRUE(providers.ok()) << providers.error().message;
  EXPECT_EQ(providers->Find("mine")->models.path, "/api/list");
  const auto unknown =
      Providers::FromConfig(WithMine(R"pb(base_url: "https://mine.example" dialect: "codex" profile: "ghost")pb"));
  EXPECT_EQ(unknown.error().where, "providers.mine.profile");
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
