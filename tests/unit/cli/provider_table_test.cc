#include "cli/provider_table.h"

#include <gmock/gmock.h>

namespace patchbay::cli {
namespace {

using ::testing::HasSubstr;

TEST(ProviderTable, SaysWhatAnAccountOfEachIs) {
  ProviderRows rows;
  rows["key"].mutable_auth()->set_mode("key");
  rows["key"].set_name("Key Shop");
  rows["key"].set_dialect("openai_chat");
  rows["key"].set_base_url("https://key.example");
  rows["key"].set_key_page("https://key.example/keys");
  rows["key"].add_keys("${KEY}");
  for (const char* id : {"local", "login", "open"}) rows[id].set_dialect("openai_chat");
  rows["local"].mutable_auth()->set_mode("key");
  rows["local"].mutable_auth()->set_key_optional(true);
  rows["login"].mutable_auth()->set_mode("oauth");
  rows["open"].mutable_auth()->set_mode("none");
  const std::string table = ProviderTable(rows).Render(/*colour=*/false);
  EXPECT_THAT(table, ::testing::ContainsRegex("key +Key Shop +openai_chat +key +1 +https://key.example +https"));
  EXPECT_THAT(table, ::testing::ContainsRegex("local +local +openai_chat +key, or nothing +- +not configured"));
  EXPECT_THAT(table, ::testing::ContainsRegex("login +login +openai_chat +login"));
  EXPECT_THAT(table, HasSubstr("nothing"));
  EXPECT_EQ(table.find("${KEY}"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::cli
