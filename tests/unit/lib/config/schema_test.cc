#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

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
