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
  EXPECT_EQ(schema["properties"]["accounts"]["properties"]["usage"]["properties"]["keep_hours"]["x-patchbay-minimum"],
            "1d");
  EXPECT_EQ(schema["properties"]["log"]["properties"]["level"]["enum"].size(), 5u);
  EXPECT_EQ(schema["properties"]["providers"]["additionalProperties"]["properties"]["allow_private"]["type"],
            "boolean");
  const auto& listener = frontend["listeners"]["additionalProperties"]["properties"];
  EXPECT_EQ(listener["require_key"]["default"], true) << "an entry's defaults, too";
  EXPECT_EQ(listener["tls"]["properties"]["min_version"]["default"], "1.2");
  EXPECT_EQ(schema["additionalProperties"], false);
}

}  // namespace
}  // namespace patchbay::config
