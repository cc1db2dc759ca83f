#include "workers/frontend/settings.h"

#include <gtest/gtest.h>

#include "lib/testing/configured.h"

namespace patchbay::frontend {
namespace {

using std::chrono::seconds;

Settings From(const std::string& text) { return SettingsFrom(testing::Configured(text)); }

TEST(Settings, TakeHowLongARequestMayWaitForAnAccount) {
  EXPECT_EQ(From("accounts { queue_wait { seconds: 7 } }").queue_wait, seconds(7));
}

TEST(Settings, TakeWhatIsSaidOfHttpAndSockets) {
  const Settings settings = From(R"pb(
    frontend {
      allowed_hosts: "gateway.example"
      limits {
        body_bytes: 5
        connections: 6
        total_timeout { seconds: 7 }
      }
      websocket {
        enabled: false
        connections: 8
        ping_timeout { seconds: 9 }
      }
      stored_responses { memory: 0 }
    })pb");
  EXPECT_EQ(settings.allowed_hosts.size(), 1u);
  EXPECT_EQ(settings.http.body_bytes, 5u);
  EXPECT_EQ(settings.http.connections, 6u);
  EXPECT_EQ(settings.total_timeout, seconds(7));
  EXPECT_FALSE(settings.sockets.enabled);
  EXPECT_EQ(settings.sockets.connections, 8u);
  EXPECT_EQ(settings.sockets.ping_timeout, seconds(9));
  EXPECT_EQ(settings.stored_responses.bytes, 0u) << "zero is a word: nothing is kept";
}

}  // namespace
}  // namespace patchbay::frontend
