#include <gmock/gmock.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(ConfigYaml, OverridesDefaultsAndLeavesTheRest) {
  const auto loaded = LoadText(R"(
frontend:
  listen: "[::1]:9090"
  limits: {body_bytes: 128MiB, head_timeout: 1m30s}
  allowed_hosts: [gateway.example.com, "10.0.0.5"]
ollama: {enabled: false}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& frontend = loaded->config.frontend();
  EXPECT_EQ(frontend.listen(), "[::1]:9090");
  EXPECT_EQ(frontend.limits().body_bytes(), 128u << 20);
  EXPECT_EQ(frontend.limits().head_timeout().seconds(), 90);
  EXPECT_EQ(frontend.limits().connections(), 8000);
  EXPECT_THAT(frontend.allowed_hosts(), ElementsAre("gateway.example.com", "10.0.0.5"));
  EXPECT_FALSE(loaded->config.ollama().enabled());
}

TEST(ConfigYaml, ReadsAliases) {
  const auto loaded = LoadText(R"(
models:
  aliases: {gpt-4o: gpt-5.5-low, "claude-*": "gpt-5.6-sol, gpt-5.5", "gemini-*": ""}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& aliases = loaded->config.models().aliases();
  EXPECT_EQ(aliases.size(), 3u);
  EXPECT_EQ(aliases.at("gpt-4o"), "gpt-5.5-low");
  EXPECT_EQ(aliases.at("gemini-*"), "");
  EXPECT_TRUE(loaded->config.models().built_in_aliases());
}

TEST(ConfigYaml, SaysWhatIsWrongWithAliases) {
  EXPECT_EQ(Problems("models: {aliases: [a]}\n"),
            "FILE:1: models.aliases: expected a mapping of names to texts, got a list");
  EXPECT_EQ(Problems("models:\n  aliases:\n    a: {b: c}\n"), "FILE:3: models.aliases.a: expected text, got a section");
  EXPECT_EQ(Problems("models:\n  aliases:\n    \"a b\": c\n    x: \"y*\"\n"),
            "FILE:3: models.aliases.a b: a name has 1 to 128 visible ASCII characters and no comma\n"
            "FILE:4: models.aliases.x: '*' may stand in the name, not in what it stands for");
}

TEST(ConfigYaml, MayBeEmptyOrHoldEmptySections) {
  EXPECT_EQ(Problems(""), "");
  EXPECT_EQ(Problems("# nothing yet\n"), "");
  EXPECT_EQ(Problems("frontend:\n  # listen: …\nproviders:\n"), "");
}

TEST(ConfigYaml, ReadsProvidersAndExtraWorkers) {
  const auto loaded = LoadText(R"(
providers:
  codex: {base_url: "https://127.0.0.1:4000/backend-api/codex", allow_private: true}
workers:
  hello: {command: /usr/bin/hello, arguments: [-v], sections: [log], peers: [frontend]}
)");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& codex = loaded->config.providers().at("codex");
  EXPECT_EQ(codex.base_url(), "https://127.0.0.1:4000/backend-api/codex");
  EXPECT_EQ(codex.auth_base_url(), "https://auth.openai.com");
  EXPECT_TRUE(codex.allow_private());
  EXPECT_THAT(loaded->config.workers().at("hello").arguments(), ElementsAre("-v"));
}

TEST(ConfigYaml, NamesTheLineOfAnUnknownKeyAndTheNearestKnownOne) {
  EXPECT_EQ(Problems("frontend:\n  lisen: 127.0.0.1:1\n"),
            "FILE:2: unknown key 'lisen' in section 'frontend'; did you mean 'listen'?");
  EXPECT_EQ(Problems("front_end: {}\n"), "FILE:1: unknown key 'front_end' at the top; did you mean 'frontend'?");
  EXPECT_EQ(Problems("providers:\n  codex:\n    zzzzzzzz: 1\n"),
            "FILE:3: unknown key 'zzzzzzzz' in section 'providers.codex'");
}

TEST(ConfigYaml, NamesTheOneSectionBelowThatHasTheKey) {
  const std::string listener = "frontend:\n  listeners:\n    lan:\n      listen: 127.0.0.1:1\n";
  EXPECT_EQ(Problems(listener + "      listne: x\n      certificate: /x\n      key: /y\n"),
            "FILE:5: unknown key 'listne' in section 'frontend.listeners.lan'; did you mean 'listen'?\n"
            "FILE:6: unknown key 'certificate' in section 'frontend.listeners.lan'; did you mean 'tls.certificate'?\n"
            "FILE:7: unknown key 'key' in section 'frontend.listeners.lan'; did you mean 'tls.key'?");
  EXPECT_EQ(Problems("listen: 127.0.0.1:1\n"), "FILE:1: unknown key 'listen' at the top") << "more than one has it";
}

TEST(ConfigYaml, ReportsEveryMistakeAtOnce) {
  EXPECT_EQ(Problems("log:\n  level: loud\naccounts:\n  queue_max: many\n  strateggy: sticky\nupstream: 5\n"),
            "FILE:4: accounts.queue_max: expected a whole number, got 'many'\n"
            "FILE:5: unknown key 'strateggy' in section 'accounts'; did you mean 'strategy'?\n"
            "FILE:6: upstream: expected a section, got a single value\n"
            "FILE:2: log.level: 'loud' is not one of trace, debug, info, warn, error");
}

TEST(ConfigYaml, RefusesAKeyGivenTwice) {
  EXPECT_EQ(Problems("log:\n  level: info\n  level: debug\n"), "FILE:3: 'log.level' was given already, in line 2");
  EXPECT_EQ(Problems("log: {}\nlog: {}\n"), "FILE:2: 'log' was given already, in line 1");
}

TEST(ConfigYaml, NamesWrongTypes) {
  EXPECT_EQ(Problems("frontend: {listen: [a]}\n"), "FILE:1: frontend.listen: expected text, got a list");
  EXPECT_EQ(Problems("frontend: {allowed_hosts: a}\n"),
            "FILE:1: frontend.allowed_hosts: expected a list, got a single value");
  EXPECT_EQ(Problems("frontend: {listen: }\n"), "FILE:1: frontend.listen: expected text, got nothing");
  EXPECT_EQ(Problems("ollama: {enabled: yes}\n"), "FILE:1: ollama.enabled: expected true or false, got 'yes'");
  EXPECT_EQ(Problems("- a\n"), "FILE:1: the file: expected a section, got a list");
  EXPECT_THAT(Problems("frontend: {heartbeat: 15}\n"), HasSubstr("frontend.heartbeat: '15' is not a duration"));
  EXPECT_THAT(Problems("frontend: {count: 99999999999}\n"),
              EndsWith("frontend.count: '99999999999' is too large a number"));
}

TEST(ConfigYaml, NamesTheLineOfASyntaxError) {
  EXPECT_THAT(Problems("log:\n  level: \"info\n"), HasSubstr("FILE:"));
  EXPECT_EQ(Problems("log: {}\n---\nlog: {}\n"), "FILE: holds more than one YAML document");
}

TEST(ConfigYaml, BoundsTheNumberOfMistakesItLists) {
  std::string text;
  for (int i = 0; i < 80; ++i) text += "zzz" + std::to_string(i) + "zzz: 1\n";
  EXPECT_THAT(Problems(text), EndsWith("… and 30 more"));
}

}  // namespace
}  // namespace patchbay::config
