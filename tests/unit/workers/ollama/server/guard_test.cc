#include "workers/ollama/server/guard.h"

#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using Given = std::vector<net::HttpHeader>;

Guard GuardWith(Settings settings = {}) {
  net::ListenAddress address;
  address.host = "127.0.0.1";
  return Guard({address}, "box", settings);
}

bool Passes(const Guard& guard, Given headers) {
  net::HttpRequest request;
  request.headers = std::move(headers);
  return guard.CheckSource(request).ok();
}

TEST(Guard, TakesTheHostsThatOllamaTakes) {
  const Guard guard = GuardWith();
  for (const char* host :
       {"", "localhost", "localhost:11434", "127.0.0.1:11434", "[::1]:11434", "box", "box:11434", "a.localhost",
        "printer.local", "host.docker.internal:11434", "192.168.1.5:11434", "0.0.0.0"}) {
    EXPECT_TRUE(Passes(guard, {{"Host", host}})) << host;
  }
  EXPECT_TRUE(Passes(guard, {}));
}

TEST(Guard, RefusesNamesThatAnybodyCanPointHere) {
  const Guard guard = GuardWith();
  for (const char* host :
       {"evil.example", "evil.example:11434", "local", "localhost.evil.example", "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(Passes(guard, {{"Host", host}})) << host;
  }
}

TEST(Guard, NamesTheSettingsOfTheBridgeWhenItRefuses) {
  const Guard guard = GuardWith();
  net::HttpRequest request;
  request.headers = {{"Host", "evil.example"}};
  const auto by_host = guard.CheckSource(request);
  ASSERT_FALSE(by_host.ok());
  EXPECT_NE(by_host.error().message.find("ollama.allow_remote"), std::string::npos) << by_host.error().message;
  EXPECT_NE(by_host.error().message.find("ollama.token"), std::string::npos);
  request.headers = {{"Origin", "https://evil.example"}};
  const auto by_origin = guard.CheckSource(request);
  ASSERT_FALSE(by_origin.ok());
  EXPECT_NE(by_origin.error().message.find("see ollama.origins in"), std::string::npos) << by_origin.error().message;
}

TEST(Guard, TakesTheOriginsThatOllamaTakesAndThoseOfTheConfiguration) {
  Settings settings;
  settings.origins = {"https://chat.example"};
  const Guard guard = GuardWith(settings);
  for (const char* origin : {"http://localhost", "http://localhost:3000", "https://127.0.0.1:8080", "http://0.0.0.0:1",
                             "app://obsidian.md", "tauri://localhost", "vscode-webview://x", "vscode-file://x",
                             "chrome-extension://abc", "moz-extension://abc", "https://chat.example"}) {
    EXPECT_TRUE(Passes(guard, {{"Host", "localhost:11434"}, {"Origin", origin}})) << origin;
  }
  for (const char* origin :
       {"https://evil.example", "null", "http://localhost.evil.example", "https://chat.example.evil"}) {
    EXPECT_FALSE(Passes(guard, {{"Host", "localhost:11434"}, {"Origin", origin}})) << origin;
  }
}

TEST(Guard, AsksForTheToken) {
  Settings settings;
  settings.token = Secret("open-sesame");
  const Guard guard = GuardWith(settings);
  const auto shows = [&](Given headers) {
    net::HttpRequest request;
    request.headers = std::move(headers);
    return guard.CheckToken(request).ok();
  };
  EXPECT_TRUE(shows({{"Authorization", "Bearer open-sesame"}}));
  EXPECT_TRUE(shows({{"authorization", "bearer  open-sesame"}}));
  EXPECT_TRUE(shows({{"x-api-key", "open-sesame"}}));
  EXPECT_FALSE(shows({}));
  EXPECT_FALSE(shows({{"Authorization", "Bearer open-sesam"}}));
  EXPECT_FALSE(shows({{"Authorization", "Basic open-sesame"}}));
  // A page cannot send it, so the name by which it comes does not matter.
  EXPECT_TRUE(Passes(guard, {{"Host", "gateway.example"}}));
  net::HttpRequest bare;
  EXPECT_TRUE(GuardWith().CheckToken(bare).ok());
}

}  // namespace
}  // namespace patchbay::ollama
