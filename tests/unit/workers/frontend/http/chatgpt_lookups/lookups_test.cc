#include "workers/frontend/http/chatgpt_lookups/lookups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace patchbay::frontend {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

nlohmann::json Read(std::string_view text) { return nlohmann::json::parse(text, nullptr, false); }

TEST(ChatGptLookups, SendTheClientToWhereItCameFromByHttpsOnly) {
  EXPECT_EQ(HttpsOrigin("gateway.example:8443", true, ""), "https://gateway.example:8443");
  EXPECT_EQ(HttpsOrigin("[::1]:8443", true, ""), "https://[::1]:8443");
  EXPECT_EQ(HttpsOrigin("gateway.example", false, "HTTPS"), "https://gateway.example") << "a proxy in front";
  EXPECT_EQ(HttpsOrigin("gateway.example", false, ""), std::nullopt);
  EXPECT_EQ(HttpsOrigin("gateway.example", false, "http"), std::nullopt);
  EXPECT_EQ(HttpsOrigin("", true, ""), std::nullopt);
  EXPECT_EQ(HttpsOrigin("gateway.example/elsewhere", true, ""), std::nullopt);
  EXPECT_EQ(HttpsOrigin("user@elsewhere.example", true, ""), std::nullopt);
}

TEST(ChatGptLookups, NameTheAccountOfTheLoginAsTheOnlyWorkspace) {
  const auto json = Read(WorkspacesJson(AccountOf("3f1c-aa", "ck_1"), "https://g"));
  ASSERT_EQ(json["accounts"].size(), 1u);
  EXPECT_EQ(json["accounts"][0]["id"], "3f1c-aa");
  EXPECT_EQ(json["accounts"][0]["workspace_backend_origin"], "https://g");
  EXPECT_EQ(json["accounts"][0]["account_routing_override"], "NO_CONSTRAINT");
  EXPECT_EQ(json["account_ordering"], nlohmann::json::array({"3f1c-aa"}));
  EXPECT_EQ(json["default_account_id"], "3f1c-aa");
  EXPECT_EQ(AccountOf("", "ck_1"), "ck_1");
  EXPECT_EQ(AccountOf("no id\"", "ck_1"), "ck_1");
  EXPECT_EQ(AccountOf(std::string(129, 'a'), "ck_1"), "ck_1");
}

TEST(ChatGptLookups, AreJson) {
  for (const std::string_view text : {kNoPluginsJson, kNoSuggestionsJson, kNoSettingsJson})
    EXPECT_TRUE(Read(text).is_object()) << text;
}

TEST(ToolServer, HasNoTools) {
  const Answer hello =
      ToolServerAnswer(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})");
  EXPECT_EQ(hello.status, 200);
  EXPECT_EQ(Read(hello.body)["id"], 0);
  EXPECT_EQ(Read(hello.body)["result"]["protocolVersion"], "2025-11-25");
  EXPECT_EQ(Read(hello.body)["result"]["serverInfo"]["name"], "patchbay");
  const Answer tools = ToolServerAnswer(R"({"jsonrpc":"2.0","id":"a","method":"tools/list"})");
  EXPECT_EQ(Read(tools.body)["id"], "a");
  EXPECT_EQ(Read(tools.body)["result"]["tools"].size(), 0u);
  const Answer other = ToolServerAnswer(R"({"jsonrpc":"2.0","id":2,"method":"resources/list"})");
  EXPECT_EQ(Read(other.body)["error"]["code"], -32601);
}

TEST(ToolServer, AnswersNoNotificationAndNoNonsense) {
  const Answer accepted = ToolServerAnswer(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  EXPECT_EQ(accepted.status, 202);
  EXPECT_THAT(accepted.body, Eq(""));
  for (const char* nonsense : {"", "[]", "{}", "{\"id\":1}", "\xff", "{\"id\":{},\"method\":7}"}) {
    const Answer refused = ToolServerAnswer(nonsense);
    EXPECT_EQ(refused.status, 400) << nonsense;
    EXPECT_THAT(refused.body, HasSubstr("-32600")) << nonsense;
  }
}

}  // namespace
}  // namespace patchbay::frontend
