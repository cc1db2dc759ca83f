#include "workers/ollama/server/server.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/ollama/server/server_testing.h"

namespace patchbay::ollama {
namespace {

class ServerTest : public BridgeTest {};

TEST_F(ServerTest, IsRunning) {
  const auto exchange = Ask("GET", "/");
  EXPECT_EQ(exchange->output, "Ollama is running");
  EXPECT_EQ(Ask("GET", "/api/version")->output, R"({"version":"1.2.3"})");
  EXPECT_EQ(Ask("GET", "/nothing")->output, "404 page not found");
  const auto wrong = Ask("GET", "/api/chat");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->output, "405 method not allowed");
  EXPECT_EQ(Ask("POST", "/api/me")->status, 401);
}

TEST_F(ServerTest, LetsPagesInThatMayCall) {
  const auto page = Ask("GET", "/api/tags", "", {{"Host", "localhost"}, {"Origin", "app://obsidian.md"}});
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->headers["Access-Control-Allow-Origin"], "app://obsidian.md");
  const auto preflight = Ask("OPTIONS", "/api/chat", "", {{"Origin", "app://obsidian.md"}});
  EXPECT_EQ(preflight->status, 204);
  EXPECT_NE(preflight->headers["Access-Control-Allow-Headers"].find("Content-Type"), std::string::npos);
}

TEST_F(ServerTest, KeepsOtherPagesOut) {
  for (const Headers& headers : {Headers{{"Host", "evil.example"}}, Headers{{"Origin", "https://evil.example"}}}) {
    for (const char* method : {"GET", "OPTIONS"}) {
      const auto exchange = Ask(method, "/api/tags", "", headers);
      EXPECT_EQ(exchange->status, 403);
      EXPECT_EQ(exchange->headers.count("Access-Control-Allow-Origin"), 0u);
    }
  }
}

TEST_F(ServerTest, AsksForATokenFromTheMomentThatThereIsOne) {
  Settings settings;
  settings.version = "9";
  settings.token = Secret("t0ken");
  server_.SetSettings(settings);
  EXPECT_EQ(Ask("GET", "/api/version")->status, 401);
  EXPECT_EQ(Ask("GET", "/")->status, 200);
  EXPECT_EQ(Ask("GET", "/api/version", "", {{"Authorization", "Bearer t0ken"}})->output, R"({"version":"9"})");
}

}  // namespace
}  // namespace patchbay::ollama
