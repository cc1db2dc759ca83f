#include "workers/accounts/import/formats.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

// An account as some program writes it, and what is read: "format provider access refresh id account label".
struct Case {
  const char* text;
  const char* read;
};

const Case kCases[] = {
    {R"({"token":"a","refreshToken":"r","idToken":"i","accountId":"x","label":"l","provider":"p"})",
     "accounts_json p a r i x l"},
    {R"({"refresh_token":"r","name":"l"})", "accounts_json - - r - - l"},
    {R"({"tokens":{"accessToken":"a","refreshToken":"r"},"accountNote":"l"})", "accounts_json - a r - - l"},
    {R"({"credentials":{"access_token":"a"},"account_id":"x"})", "accounts_json - a - - x -"},
    {R"({"provider":"groq","key":"k"})", "accounts_json groq k - - - -"},
    {R"({"OPENAI_API_KEY":null,"tokens":{"id_token":"i","access_token":"a","refresh_token":"r","account_id":"x"}})",
     "auth_json codex a r i x -"},
    {R"({"type":"codex","access_token":"a","refresh_token":"r","id_token":"i","account_id":"x","email":"m","expired":"2026-01-01T00:00:00Z"})",
     "cli_proxy codex a r i x m"},
    {R"({"type":"claude","access_token":"a","refresh_token":"r","email":"m","note":"n"})",
     "cli_proxy claude a r - - n"},
    {R"({"type":"xai","access_token":"a","refresh_token":"r","auth_kind":"oauth"})", "cli_proxy xai/oauth a r - - -"},
    {R"({"name":"l","platform":"openai","type":"oauth","credentials":{"access_token":"a","refresh_token":"r","id_token":"i","chatgpt_account_id":"x"},"proxy_key":"http|h|1|u|p"})",
     "sub2api openai/oauth a r i x l"},
    {R"({"name":"l","platform":"openai","type":"apikey","credentials":{"api_key":"k"}})",
     "sub2api openai/apikey k - - - l"},
    {R"({"account":{"email":"m","chatgptAccountId":"x"},"tokens":{"idToken":"i","accessToken":"a","refreshToken":"r"},"codexAuthJson":{}})",
     "codex_lb codex a r i x m"},
    {R"({"provider":"openai","type":"oauth","refresh":"r","access":"a","expires":1,"accountId":"x"})",
     "opencode openai/oauth a r - x -"},
    {R"({"provider":"groq","type":"api","key":"k"})", "opencode groq/apikey k - - - -"},
    {R"({"id":"1","email":"m","auth_mode":"oauth","created_at":1,"tokens":{"id_token":"i","access_token":"a","refresh_token":"r"},"account_id":"x","account_password":"pw","two_factor_secret":"2f"})",
     "cockpit codex a r i x m"},
    {R"({"email":"m","auth_mode":"apikey","last_used":1,"openai_api_key":"k"})", "cockpit openai k - - - m"},
    {R"({"accessToken":"a","user":{"id":"u","email":"m"},"account":{"id":"x"},"expires":"2026-01-01","sessionToken":"s"})",
     "web_session codex a - - x m"},
};

TEST(ImportFormats, AreKnownByTheirContent) {
  for (const Case& each : kCases) {
    const auto entry = wire::ParseOrNothing(each.text);
    ASSERT_FALSE(entry.is_discarded()) << each.text;
    const auto formats = ImportFormats();
    const auto its = std::find_if(formats.begin(), formats.end(), [&](const auto& format) { return format.is(entry); });
    ASSERT_NE(its, formats.end());
    const ImportItem item = its->read(entry);
    EXPECT_EQ(item.error, "") << each.text;
    const auto word = [](const std::string& text) { return ' ' + (text.empty() ? std::string("-") : text); };
    EXPECT_EQ(std::string(its->name) + word(item.provider) + word(item.access_token.Reveal()) +
                  word(item.refresh_token.Reveal()) + word(item.id_token.Reveal()) + word(item.provider_account_id) +
                  word(item.label),
              each.read)
        << each.text;
  }
}

TEST(ImportFormats, KeepWhatTheirOwnerHasSet) {
  const auto entry =
      wire::ParseOrNothing(R"({"type":"xai","access_token":"a","disabled":true,"priority":3,"weight":2})");
  const auto item = std::find_if(ImportFormats().begin(), ImportFormats().end(), [&](const auto& format) {
                      return format.is(entry);
                    })->read(entry);
  EXPECT_EQ(item.enabled, false);
  EXPECT_EQ(item.priority, 3);
  EXPECT_EQ(item.weight, 2);
}

TEST(ImportFormats, TakeATokenForWhatItsBeginningSays) {
  EXPECT_EQ(FromToken("Bearer eyJ").access_token.Reveal(), "eyJ");
  EXPECT_EQ(FromToken("rt_1").refresh_token.Reveal(), "rt_1");
  EXPECT_EQ(FromToken("oaistb_rt_1").refresh_token.Reveal(), "oaistb_rt_1");
}

}  // namespace
}  // namespace patchbay::accounts
