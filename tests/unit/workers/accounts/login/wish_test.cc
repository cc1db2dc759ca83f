#include "workers/accounts/login/wish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

// Whose row leads through it, or why none does.
std::string Of(const std::string& provider, bool by_device = false) {
  const auto found = ProviderFor(CatalogProviders(), {provider, "", by_device});
  return found.ok() ? (*found)->id : found.error().message;
}

TEST(LoginWish, IsForTheRowOfThatNameThatHasLogins) {
  EXPECT_EQ(Of(""), "codex") << "the default one";
  EXPECT_EQ(Of("codex", true), "codex");
  EXPECT_EQ(Of("openai"), "codex") << "its keys are a row of their own";
  EXPECT_EQ(Of("xai"), "grok");
  EXPECT_EQ(Of("xai", true), "grok");
  EXPECT_EQ(Of("kimi", true), "kimi");
  EXPECT_EQ(Of("copilot", true), "github-copilot");
}

TEST(LoginWish, IsToldWhyThereIsNone) {
  EXPECT_EQ(Of("kimi"), "Kimi for Coding has no login with a browser; log in by a device's code");
  EXPECT_EQ(Of("github-copilot"), "GitHub Copilot has no login with a browser; log in by a device's code");
  EXPECT_EQ(Of("groq"), "Groq has no login that patchbay can lead through; get a key at https://console.groq.com/keys");
  EXPECT_EQ(Of("nobody"), "unknown provider: nobody; `patchbay providers list` shows those that the configuration has");
  EXPECT_EQ(
      Of("anthropic"),
      "the terms of Anthropic keep its client id for programs of its own, so patchbay brings none: put one that you "
      "may use into providers.anthropic.auth.oauth.client_id");
}

}  // namespace
}  // namespace patchbay::accounts
