#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <nlohmann/json.hpp>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::IsEmpty;

// A configuration in which everything that is printed differently occurs.
config::v1::Config Unusual() {
  const auto loaded = LoadText(R"(
log: {level: debug}
frontend: {listen: "[::1]:0", allowed_hosts: ["a b", "true", "-", "\"q\""], limits: {body_bytes: 1025}}
ollama: {version: "1"}
providers: {zeta: {base_url: "https://z.example"}, codex: {allow_private: true}}
workers: {hello: {command: "/bin/x y", arguments: [""]}}
models: {aliases: {"claude-*": "a, b", plain: plain, none: ""}}
)");
  EXPECT_TRUE(loaded.ok()) << loaded.error().message;
  return loaded->config;
}

TEST(ConfigPrint, IsReadBackToTheSameConfiguration) {
  for (const auto& config : {DefaultConfig(), Unusual()}) {
    const auto again = LoadText(ToYaml(config));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(MessageDifferencer::Equals(again->config, config)) << ToYaml(config);
  }
}

std::vector<std::string> Described(const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const auto& change : changes) lines.push_back(change.path + (change.needs_restart ? " restart" : " live"));
  return lines;
}

TEST(ConfigDiff, NamesEachChangeAndWhetherItNeedsARestart) {
  EXPECT_THAT(Diff(Unusual(), Unusual()), IsEmpty());
  EXPECT_THAT(
      Described(Diff(DefaultConfig(), Unusual())),
      testing::ElementsAre("log.level live", "frontend.listen restart", "frontend.limits.body_bytes live",
                           "frontend.allowed_hosts live", "ollama.version live", "providers.codex.allow_private live",
                           "providers.zeta live", "workers.hello live", "models.aliases live"));
  EXPECT_THAT(Described(Diff(Unusual(), DefaultConfig())), testing::Contains("providers.zeta live"));
}

TEST(ConfigSchema, DescribesEverySetting) {
  const auto schema = nlohmann::json::parse(ToSchema());
  const auto& frontend = schema["properties"]["frontend"]["properties"];
  EXPECT_EQ(frontend["listen"]["default"], "127.0.0.1:8080");
  EXPECT_EQ(frontend["listen"]["x-patchbay-apply"], "restart");
  EXPECT_EQ(frontend["count"]["maximum"], 64);
  EXPECT_EQ(frontend["heartbeat"]["x-patchbay-apply"], "live");
  EXPECT_EQ(frontend["limits"]["properties"]["body_bytes"]["x-patchbay-minimum"], "1KiB");
  EXPECT_EQ(schema["properties"]["log"]["properties"]["level"]["enum"].size(), 5u);
  EXPECT_EQ(schema["properties"]["providers"]["additionalProperties"]["properties"]["allow_private"]["type"],
            "boolean");
  EXPECT_EQ(schema["additionalProperties"], false);
}

}  // namespace
}  // namespace patchbay::config
