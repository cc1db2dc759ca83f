#include "workers/accounts/import/codex/other_logins.h"

#include "workers/accounts/import/formats.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;
using wire::Member;
using wire::TextOf;

}  // namespace

bool IsCodexLb(const json& entry) {
  return Member(entry, "tokens").is_object() && (entry.contains("codexAuthJson") || entry.contains("opencodeAuthJson"));
}

ImportItem ReadCodexLb(const json& entry) {
  const json& tokens = Member(entry, "tokens");
  const json& account = Member(entry, "account");
  ImportItem item;
  item.provider = "codex";
  item.access_token = Secret(TextOf(tokens, "accessToken"));
  item.refresh_token = Secret(TextOf(tokens, "refreshToken"));
  item.id_token = Secret(TextOf(tokens, "idToken"));
  item.provider_account_id = TextOf(account, "chatgptAccountId");
  item.label = TextOf(account, "email");
  return item;
}

bool IsCockpit(const json& entry) {
  const std::string mode = TextOf(entry, "auth_mode");
  return entry.is_object() && (mode == "oauth" || mode == "apikey") &&
         (entry.contains("created_at") || entry.contains("last_used"));
}

ImportItem ReadCockpit(const json& entry) {
  ImportItem item;
  item.label = TextOf(entry, "email");
  if (TextOf(entry, "auth_mode") == "apikey") {
    item.provider = "openai";
    item.access_token = Secret(TextOf(entry, "openai_api_key"));
    if (!TextOf(entry, "api_base_url").empty()) item.error = "a key of another address: add a row for its provider";
    return item;
  }
  const json& tokens = Member(entry, "tokens");
  item.provider = "codex";
  item.access_token = Secret(TextOf(tokens, "access_token"));
  item.refresh_token = Secret(TextOf(tokens, "refresh_token"));
  item.id_token = Secret(TextOf(tokens, "id_token"));
  item.provider_account_id = TextOf(entry, "account_id");
  if (Member(entry, "agent_identity").is_object()) item.error = "an agent identity, which is not supported";
  return item;
}

bool IsWebSession(const json& entry) {
  return !TextOf(entry, "accessToken").empty() && Member(entry, "user").is_object() && entry.contains("expires");
}

ImportItem ReadWebSession(const json& entry) {
  ImportItem item;
  item.provider = "codex";
  item.access_token = Secret(TextOf(entry, "accessToken"));
  item.provider_account_id = TextOf(Member(entry, "account"), "id");
  item.label = TextOf(Member(entry, "user"), "email");
  return item;
}

bool IsFlatLogin(const json& entry) { return TextOf(entry, "type") == "codex"; }

}  // namespace patchbay::accounts
