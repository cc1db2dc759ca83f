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

TEST(Settings, GiveEachListenerItsOwnRules) {
  const Settings settings = From(R"pb(
    frontend {
      listen: "127.0.0.1:9"
      require_key: true
      limits {
        handshake_timeout { seconds: 3 }
        handshakes: 4
      }
      listeners {
        key: "lan"
        value {
          listen: "*:8443"
          tls { certificate: "/c" key: "/k" client_ca: "/a" min_version: "1.3" }
          allowed_origins: "https://app.example"
        }
      }
    })pb");
  EXPECT_EQ(settings.http.handshake_timeout, seconds(3));
  EXPECT_EQ(settings.http.handshakes, 4u);
  ASSERT_EQ(settings.listeners.size(), 2u);
  EXPECT_TRUE(settings.listeners[0].require_key);
  EXPECT_EQ(settings.listeners[0].tls.certificate, "");
  const ListenerSettings& lan = settings.listeners[1];
  EXPECT_EQ(lan.name, "http-lan");
  EXPECT_EQ(lan.setting, "frontend.listeners.lan");
  EXPECT_FALSE(lan.require_key);
  EXPECT_EQ(lan.tls.certificate, "/c");
  EXPECT_EQ(lan.tls.key, "/k");
  EXPECT_EQ(lan.tls.client_ca, "/a");
  EXPECT_TRUE(lan.tls.only_1_3);
  EXPECT_EQ(lan.allowed_origins.size(), 1u);
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
    })pb");
  ASSERT_EQ(settings.listeners.size(), 1u);
  EXPECT_EQ(settings.listeners[0].name, "http");
  EXPECT_TRUE(settings.listeners[0].require_key);
  EXPECT_EQ(settings.listeners[0].allowed_hosts.size(), 1u);
  EXPECT_EQ(settings.http.body_bytes, 5u);
  EXPECT_EQ(settings.http.connections, 6u);
  EXPECT_EQ(settings.total_timeout, seconds(7));
  EXPECT_FALSE(settings.sockets.enabled);
  EXPECT_EQ(settings.sockets.connections, 8u);
  EXPECT_EQ(settings.sockets.ping_timeout, seconds(9));
}

}  // namespace
}  // namespace patchbay::frontend
