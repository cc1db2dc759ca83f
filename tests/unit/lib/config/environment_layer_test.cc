#include <gmock/gmock.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ConfigEnvironment, WinsOverTheFile) {
  const auto loaded = LoadText("frontend: {listen: \"127.0.0.1:1\", limits: {body_bytes: 1MiB, connections: 7}}\n",
                               {{"PATCHBAY_FRONTEND__LISTEN", "127.0.0.1:0"},
                                {"PATCHBAY_FRONTEND__LIMITS__BODY_BYTES", "2MiB"},
                                {"PATCHBAY_FRONTEND__ALLOWED_HOSTS", "a.example,b.example"},
                                {"PATCHBAY_OLLAMA__ENABLED", "false"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.frontend().listen(), "127.0.0.1:0");
  EXPECT_EQ(loaded->config.frontend().limits().body_bytes(), 2u << 20);
  EXPECT_EQ(loaded->config.frontend().limits().connections(), 7);
  EXPECT_THAT(loaded->config.frontend().allowed_hosts(), ElementsAre("a.example", "b.example"));
  EXPECT_FALSE(loaded->config.ollama().enabled());
}

TEST(ConfigEnvironment, KnowsTheNamesThatOtherBridgesForOllamaUse) {
  const auto loaded = LoadText("ollama: {version: \"1\"}\n", {{"OLLAMA_BRIDGE_VERSION", "2"},
                                                              {"OLLAMA_BRIDGE_DISABLE_VISION", "true"},
                                                              {"OLLAMA_BRIDGE_ORIGINS", "https://a.example,app://b"},
                                                              {"OLLAMA_BRIDGE_PORT", "0"},
                                                              {"OLLAMA_BRIDGE_HOST", "::1"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.ollama().version(), "2");
  EXPECT_TRUE(loaded->config.ollama().disable_vision());
  EXPECT_THAT(loaded->config.ollama().origins(), ElementsAre("https://a.example", "app://b"));
  EXPECT_EQ(loaded->config.ollama().listen(), "[::1]:0");
}

TEST(ConfigEnvironment, PrefersOurOwnNames) {
  const auto loaded = LoadText("", {{"OLLAMA_BRIDGE_VERSION", "2"}, {"PATCHBAY_OLLAMA__VERSION", "3"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.ollama().version(), "3");
}

TEST(ConfigEnvironment, NamesTheVariableAsItWasWritten) {
  const auto loaded = LoadText("", {{"OLLAMA_BRIDGE_DISABLE_VISION", "maybe"}});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("OLLAMA_BRIDGE_DISABLE_VISION: ollama.disable_vision: "));
}

TEST(ConfigEnvironment, ReachesIntoProviders) {
  const auto loaded = LoadText("providers: {codex: {allow_private: true}}\n",
                               {{"PATCHBAY_PROVIDERS__CODEX__BASE_URL", "https://127.0.0.1:4000/x"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.providers().at("codex").base_url(), "https://127.0.0.1:4000/x");
  EXPECT_TRUE(loaded->config.providers().at("codex").allow_private());
}

TEST(ConfigEnvironment, SetsSingleAliases) {
  const auto loaded =
      LoadText("models: {aliases: {fast: gpt-5.4, slow: gpt-5.5}}\n",
               {{"PATCHBAY_MODELS__ALIASES__FAST", "gpt-5.4-mini"}, {"PATCHBAY_MODELS__ALIASES__OTHER", "gpt-5.2"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& aliases = loaded->config.models().aliases();
  EXPECT_EQ(aliases.at("fast"), "gpt-5.4-mini");
  EXPECT_EQ(aliases.at("slow"), "gpt-5.5");
  EXPECT_EQ(aliases.at("other"), "gpt-5.2");
  EXPECT_EQ(Problems("", {{"PATCHBAY_MODELS__ALIASES", "x"}}),
            "PATCHBAY_MODELS__ALIASES: models.aliases takes one name after it, as in PATCHBAY_MODELS__ALIASES__NAME");
}

TEST(ConfigEnvironment, HoldsVariablesThatAreNotSettings) {
  EXPECT_EQ(
      Problems("",
               {{"PATCHBAY_STATE_DIR", "/tmp/x"}, {"PATCHBAY_SEAL_KEY", "k"}, {"PATCHBAY_WORKER", "w"}, {"HOME", "/"}}),
      "");
}

TEST(ConfigEnvironment, IsNamedWhenItIsWrong) {
  EXPECT_EQ(Problems("", {{"PATCHBAY_FRONTEND__LISEN", "x"}}),
            "PATCHBAY_FRONTEND__LISEN: unknown key 'lisen' in section 'frontend'; did you mean 'listen'?");
  EXPECT_EQ(Problems("", {{"PATCHBAY_FRONTENT__LISTEN", "x"}}),
            "PATCHBAY_FRONTENT__LISTEN: unknown key 'frontent'; did you mean 'frontend'?");
  EXPECT_EQ(Problems("", {{"PATCHBAY_FRONTEND__KEY", "/x"}}),
            "PATCHBAY_FRONTEND__KEY: unknown key 'key' in section 'frontend'; did you mean 'tls.key'?");
  EXPECT_EQ(Problems("", {{"PATCHBAY_LOG__LEVEL", "loud"}}),
            "PATCHBAY_LOG__LEVEL: log.level: 'loud' is not one of trace, debug, info, warn, error");
  EXPECT_EQ(Problems("", {{"PATCHBAY_ACCOUNTS__QUEUE_MAX", "x"}}),
            "PATCHBAY_ACCOUNTS__QUEUE_MAX: accounts.queue_max: expected a whole number, got 'x'");
  EXPECT_EQ(Problems("", {{"PATCHBAY_FRONTEND__LIMITS", "x"}}),
            "PATCHBAY_FRONTEND__LIMITS: frontend.limits is a section: name one of its keys, as in "
            "PATCHBAY_FRONTEND__LIMITS__KEY");
  EXPECT_EQ(Problems("", {{"PATCHBAY_LOG__LEVEL__X", "x"}}),
            "PATCHBAY_LOG__LEVEL__X: log.level is text, not a section");
}

}  // namespace
}  // namespace patchbay::config
