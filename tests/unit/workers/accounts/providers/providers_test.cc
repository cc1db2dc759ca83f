#include "workers/accounts/providers/providers.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/providers/rows.h"
#include "workers/accounts/providers/models_reply.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> IdsOf(const std::vector<const Provider*>& providers) {
  std::vector<std::string> ids;
  for (const Provider* provider : providers) ids.push_back(provider->id);
  return ids;
}

TEST(ProvidersOfRows, SayWhatTheirAccountsHold) {
  const auto credential = [](const char* id) { return CatalogProviders().Find(id)->credential; };
  EXPECT_EQ(credential("codex"), Credential::kLogin);
  EXPECT_EQ(credential("openai"), Credential::kKey);
  EXPECT_EQ(credential("vllm"), Credential::kMaybeKey);
  EXPECT_EQ(credential("ollama"), Credential::kNothing);
  EXPECT_TRUE(CatalogProviders().Find("openai")->needs_secret());
  EXPECT_FALSE(CatalogProviders().Find("vllm")->needs_secret());
}

TEST(ProvidersOfRows, MayWantEachCallersOwnLogin) {
  config::v1::Config config;
  catalog::v1::Provider& row = (*config.mutable_providers())["theirs"];
  row.set_base_url("https://theirs.test/v1");
  row.mutable_auth()->set_mode("forward");
  Providers providers;
  providers.Configure(config);
  EXPECT_EQ(providers.Find("theirs")->credential, Credential::kCallers);
  EXPECT_FALSE(providers.Find("theirs")->needs_secret());
}

TEST(ProvidersOfRows, AreThoseThatAreSomewhere) {
  EXPECT_EQ(CatalogProviders().Find("custom"), nullptr) << "nobody has said where it is";
  EXPECT_EQ(CatalogProviders().Find("nobody"), nullptr);
  EXPECT_EQ(CatalogProviders().Default()->id, "codex");
  const Providers more = ProvidersWith(R"pb(providers {
                                              key: "custom"
                                              value { base_url: "https://x.example" dialect: "openai_chat" }
                                            })pb");
  EXPECT_NE(more.Find("custom"), nullptr);
}

TEST(ProvidersOfRows, AreCalledByTheirIdAndByWhatElseTheRowSays) {
  EXPECT_THAT(IdsOf(CatalogProviders().Called("groq")), ElementsAre("groq"));
  EXPECT_THAT(IdsOf(CatalogProviders().Called("openai")), ElementsAre("openai", "codex"));
  EXPECT_THAT(IdsOf(CatalogProviders().Called("gpt-oss")), ElementsAre());
}

TEST(ProvidersOfRows, KnowWhatTheyTakeAndHowTheirModelsAreCalled) {
  const Provider& codex = *CatalogProviders().Find("codex");
  const Provider& groq = *CatalogProviders().Find("groq");
  EXPECT_TRUE(codex.Takes("openai_responses"));
  EXPECT_FALSE(groq.Takes("openai_responses"));
  EXPECT_FALSE(groq.Takes("openai_chat")) << "it has quirks";
  const Providers plain = ProvidersWith(R"pb(providers {
                                               key: "custom"
                                               value { base_url: "https://x.example" dialect: "openai_chat" }
                                             })pb");
  EXPECT_TRUE(plain.Find("custom")->Takes("openai_chat"));
  EXPECT_TRUE(codex.sockets());
  EXPECT_FALSE(groq.sockets());
  EXPECT_TRUE(codex.NamesLike("gpt-9"));
  EXPECT_FALSE(codex.NamesLike("gpt-"));
  EXPECT_FALSE(groq.NamesLike("gpt-9"));
}

TEST(ProvidersOfRows, ReadTheirListInTheirOwnFormWithoutWhatMakesNeitherTextNorVectors) {
  const auto ids = [](const char* provider, const char* body) {
    std::vector<std::string> found;
    const auto models = ReadModels(*CatalogProviders().Find(provider), body);
    EXPECT_TRUE(models.ok()) << models.error().message;
    for (const Model& model : *models) found.push_back(model.provider + " " + model.id);
    return found;
  };
  EXPECT_THAT(ids("codex", R"({"models":[{"slug":"gpt-6"}]})"), ElementsAre("codex gpt-6"));
  EXPECT_THAT(ids("openai", R"({"data":[{"id":"gpt-6"},{"id":"text-embedding-3-small"},{"id":"whisper-1"}]})"),
              ElementsAre("openai gpt-6", "openai text-embedding-3-small"));
  EXPECT_FALSE(ReadModels(*CatalogProviders().Find("openai"), R"({"data":[{"id":"whisper-1"}]})").ok());
  EXPECT_FALSE(ReadModels(*CatalogProviders().Find("openai"), R"({"models":[{"slug":"gpt-6"}]})").ok());
}

// wishes #14, opencodex §4: how each row's tokens are renewed.
TEST(ProvidersOfRows, RenewTheirTokensAsTheirEndpointsWant) {
  const auto row = [](const char* id) -> const catalog::v1::Provider& { return CatalogProviders().Find(id)->row; };
  EXPECT_EQ(row("anthropic").auth().oauth().refresh_body(), "json");
  EXPECT_EQ(row("anthropic").profile(), "plain") << "a CLI's versioned user agent drew 429";
  EXPECT_TRUE(row("anthropic").headers().empty());
  for (const char* id : {"anthropic", "grok", "kimi"}) EXPECT_TRUE(row(id).auth().oauth().refresh_token_once()) << id;
  EXPECT_FALSE(row("github-copilot").auth().oauth().refresh_token_once());
  EXPECT_EQ(row("anthropic").auth().oauth().refresh_skew().seconds(), 300);
  EXPECT_EQ(row("kimi").auth().oauth().refresh_skew().seconds(), 300);
  EXPECT_EQ(row("grok").auth().oauth().refresh_skew().seconds(), 120);
  EXPECT_EQ(row("github-copilot").auth().oauth().refresh_skew().seconds(), 120);
}

TEST(ProvidersOfRows, LeadNowhereWithoutADialect) {
  EXPECT_FALSE(CatalogProviders().Find("anthropic")->CanBeCalled());
  EXPECT_THAT(CatalogProviders().Called("anthropic"), ::testing::IsEmpty());
  std::vector<std::string> called;
  for (const Provider* provider : CatalogProviders().Called("xai")) called.push_back(provider->id);
  EXPECT_THAT(called, ElementsAre("xai", "grok"));
}

}  // namespace
}  // namespace patchbay::accounts
