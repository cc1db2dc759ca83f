// The rows that the program brings, and what lies over them.

#include <gmock/gmock.h>

#include "lib/catalog/rows.h"
#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(CatalogRow, OfTheProgramHasNoMistake) {
  EXPECT_EQ(Problems(""), "");
  for (const auto& file : catalog::RowFiles()) {
    // This one lacks the address, which only the operator knows.
    if (file.name != "catalog/custom.yaml") EXPECT_EQ(Problems(std::string(file.text)), "") << file.name;
  }
  std::vector<std::string> ids;
  const auto config = DefaultConfig();
  for (const auto& [id, row] : config.providers()) {
    ids.push_back(id);
    EXPECT_FALSE(row.name().empty()) << id;
    // The one that awaits its dialect: accounts of it are kept, and nothing is served.
    EXPECT_EQ(row.dialect().empty(), id == "anthropic") << id;
  }
  EXPECT_THAT(ids, testing::UnorderedElementsAre("codex", "openai", "openrouter", "deepseek", "groq", "mistral", "xai",
                                                 "grok", "anthropic", "kimi", "github-copilot", "ollama", "vllm",
                                                 "lmstudio", "custom"));
}

TEST(CatalogRow, KeepsWhatTheOperatorDoesNotSay) {
  const auto loaded = LoadText(R"(
providers:
  deepseek: {base_url: "https://proxy.example/deepseek", limits: {stall: 20m}}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& row = loaded->config.providers().at("deepseek");
  EXPECT_EQ(row.base_url(), "https://proxy.example/deepseek");
  EXPECT_EQ(row.dialect(), "openai_chat");
  EXPECT_EQ(row.limits().stall().seconds(), 20 * 60);
  EXPECT_EQ(row.limits().first_byte().seconds(), 5 * 60);
  EXPECT_THAT(row.models().named_like(), ElementsAre("deepseek-*"));
}

TEST(CatalogRow, IsLaidOverModelByModel) {
  const auto loaded = LoadText(R"(
providers: {codex: {models: {list: {gpt-5.5: {context: 1000}, gpt-mine: {efforts: [low]}}}}}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& list = loaded->config.providers().at("codex").models().list();
  EXPECT_EQ(list.at("gpt-5.5").context(), 1000);
  EXPECT_EQ(list.at("gpt-5.5").default_effort(), "medium");
  EXPECT_TRUE(list.at("gpt-mine").tools());
  EXPECT_TRUE(list.contains("gpt-6-sol"));
}

TEST(CatalogRow, HasPricesThatTheOperatorCorrectsOneByOne) {
  const auto loaded = LoadText(R"(
providers: {openai: {prices: {gpt-5.4: {output: 14, cases: {flex: {output: 7}}}, gpt-mine: {input: 1, output: 2}}}}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& prices = loaded->config.providers().at("openai").prices();
  EXPECT_EQ(prices.at("gpt-5.4").input(), "2.5");
  EXPECT_EQ(prices.at("gpt-5.4").output(), "14");
  EXPECT_EQ(prices.at("gpt-5.4").cases().at("flex").input(), "1.25");
  EXPECT_EQ(prices.at("gpt-5.4").cases().at("flex").output(), "7");
  EXPECT_EQ(prices.at("gpt-5.4").cases().at("long").input_above(), 272'000);
  EXPECT_EQ(prices.at("gpt-mine").output(), "2");
}

TEST(CatalogRow, OfTheOperatorsOwnStartsFromDefaults) {
  const auto loaded = LoadText("providers: {mine: {base_url: \"https://mine.example/v1\", dialect: openai_chat}}\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& row = loaded->config.providers().at("mine");
  EXPECT_EQ(row.auth().mode(), "key");
  EXPECT_EQ(row.profile(), "plain");
  EXPECT_EQ(row.models().path(), "/models");
}

TEST(CatalogRow, IsPrintedWhereItSaysSomethingElse) {
  EXPECT_THAT(ToYaml(DefaultConfig()), HasSubstr("providers:\n  {}"));
  const auto loaded = LoadText("providers: {groq: {base_url: \"https://groq.example\"}}\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto yaml = ToYaml(loaded->config);
  EXPECT_THAT(yaml, HasSubstr("  groq:\n    base_url: \"https://groq.example\"\n"));
  EXPECT_THAT(yaml, Not(HasSubstr("dialect")));
}

TEST(CatalogRow, IsPrintedWholeWhenAskedFor) {
  const auto config = DefaultConfig();
  const auto yaml = RowToYaml("ollama", config.providers().at("ollama"));
  EXPECT_THAT(yaml, HasSubstr("providers:\n  ollama:\n    base_url: \"http://localhost:11434/v1\"\n"));
  EXPECT_THAT(yaml, HasSubstr("dialect: openai_chat"));
  EXPECT_EQ(Problems(yaml), "");
}

}  // namespace
}  // namespace patchbay::config
