#include "lib/net/host_guard.h"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

bool Allows(const HostGuardOptions& options, std::string_view host, std::string_view origin = {}) {
  HttpRequest request;
  if (!host.empty()) request.headers.push_back({"Host", host});
  if (!origin.empty()) request.headers.push_back({"Origin", origin});
  const auto checked = HostGuard(options).Check(request);
  EXPECT_EQ(HostGuard(options).AllowedOrigin(request).has_value() || origin.empty() || !checked.ok(), true);
  return checked.ok();
}

const HostGuardOptions kLoopback{.listen = {{.host = "127.0.0.1", .port = 8080}}};

TEST(HostGuard, AcceptsLoopbackNames) {
  for (const char* host : {"localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1", "127.0.0.2"})
    EXPECT_TRUE(Allows(kLoopback, host)) << host;
  EXPECT_TRUE(Allows(kLoopback, ""));
}

TEST(HostGuard, RefusesForeignNames) {
  for (const char* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "192.168.1.5:8080",
                           "127.0.0.1.evil.example", "[::2]:8080"}) {
    EXPECT_FALSE(Allows(kLoopback, host)) << host;
  }
}

TEST(HostGuard, AcceptsTheAddressItListensOn) {
  EXPECT_TRUE(Allows({.listen = {{.host = "192.168.1.5", .port = 80}}}, "192.168.1.5:80"));
  EXPECT_FALSE(Allows({.listen = {{.host = "192.168.1.5", .port = 80}}}, "192.168.1.6:80"));
  EXPECT_TRUE(Allows({.listen = {{.host = "fd00::1", .port = 80}}}, "[fd00::1]:80"));
}

TEST(HostGuard, AcceptsAnyAddressButNoNameWhenListeningEverywhere) {
  for (const char* everywhere : {"", "0.0.0.0", "::"}) {
    const HostGuardOptions options{.listen = {{.host = everywhere, .port = 80}}};
    EXPECT_TRUE(Allows(options, "192.168.1.5:80"));
    EXPECT_TRUE(Allows(options, "[fd00::1]"));
    EXPECT_FALSE(Allows(options, "evil.example"));
  }
}

TEST(HostGuard, AcceptsAllowedNames) {
  HostGuardOptions options = kLoopback;
  options.allowed_hosts = {"gateway.example", "port.example:81", "*.wild.example"};
  EXPECT_TRUE(Allows(options, "Gateway.Example:99"));
  EXPECT_TRUE(Allows(options, "port.example:81"));
  EXPECT_FALSE(Allows(options, "port.example:82"));
  EXPECT_TRUE(Allows(options, "a.b.wild.example"));
  EXPECT_FALSE(Allows(options, "wild.example"));
  EXPECT_FALSE(Allows(options, "evilwild.example"));
  options.allowed_hosts = {"*"};
  EXPECT_TRUE(Allows(options, "anything"));
}

TEST(HostGuard, RefusesForeignPages) {
  EXPECT_FALSE(Allows(kLoopback, "localhost:8080", "https://evil.example"));
  EXPECT_FALSE(Allows(kLoopback, "localhost:8080", "null"));
  EXPECT_FALSE(Allows(kLoopback, "localhost:8080", "http://localhost:3000"));
  EXPECT_TRUE(Allows(kLoopback, "localhost:8080", "http://localhost:8080"));
}

TEST(HostGuard, AcceptsAllowedPages) {
  HostGuardOptions options = kLoopback;
  options.allowed_origins = {"https://app.example", "http://localhost:*", "app://*"};
  EXPECT_TRUE(Allows(options, "localhost", "https://app.example"));
  EXPECT_FALSE(Allows(options, "localhost", "https://app.example.evil"));
  EXPECT_FALSE(Allows(options, "localhost", "http://app.example"));
  EXPECT_TRUE(Allows(options, "localhost", "http://localhost:3000"));
  EXPECT_TRUE(Allows(options, "localhost:1", "http://localhost"));
  EXPECT_FALSE(Allows(options, "localhost", "http://localhost.evil:3000"));
  EXPECT_TRUE(Allows(options, "localhost", "app://obsidian.md"));
  EXPECT_FALSE(Allows(options, "localhost", "app://"));
}

}  // namespace
}  // namespace patchbay::net
