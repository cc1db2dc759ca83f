#include <gmock/gmock.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::IsEmpty;

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
                           "frontend.allowed_hosts live", "ollama.version live", "providers.codex.base_url live",
                           "providers.codex.allow_private live", "providers.codex.auth.oauth.redirect_ports live",
                           "workers.hello restart", "models.aliases live"));
  EXPECT_THAT(Described(Diff(Unusual(), DefaultConfig())), testing::Contains("workers.hello restart"));
}

}  // namespace
}  // namespace patchbay::config
