#include "workers/ollama/server/settings.h"

#include <gtest/gtest.h>

#include "lib/config/fields.h"

namespace patchbay::ollama {
namespace {

TEST(Settings, BearWhatTheFrontendsClientsMayCost) {
  config::v1::Config config;
  config::FillDefaults(config);
  auto& limits = *config.mutable_frontend()->mutable_limits();
  limits.set_body_bytes(4096);
  limits.set_connections(7);
  limits.mutable_write_timeout()->set_seconds(3);
  const Settings settings = SettingsFrom(config, Secret(), Secret("key"));
  EXPECT_EQ(settings.http.body_bytes, 4096u);
  EXPECT_EQ(settings.http.connections, 7u);
  EXPECT_EQ(settings.http.write_timeout, std::chrono::seconds(3));
  EXPECT_EQ(settings.http.head_timeout, std::chrono::seconds(10)) << "as config.proto has it";
  EXPECT_EQ(settings.version, config.ollama().version());
  EXPECT_EQ(settings.key.Reveal(), "key");
}

}  // namespace
}  // namespace patchbay::ollama
