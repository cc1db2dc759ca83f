#include "workers/accounts/import/formats.h"

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "workers/accounts/import/codex/auth_json.h"
#include "workers/accounts/import/codex/other_logins.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;
using wire::Member;
using wire::TextOf;

std::optional<int> WholeOf(const json& object, const char* key) {
  const json& value = Member(object, key);
  return value.is_number_integer() ? std::optional(value.get<int>()) : std::nullopt;
}

// sub2api: tokens under `credentials`, the program's word for the provider in two members.
bool IsSub2api(const json& entry) { return Member(entry, "credentials").is_object() && entry.contains("platform"); }
ImportItem ReadSub2api(const json& entry) {
  const json& credentials = Member(entry, "credentials");
  ImportItem item;
  const std::string type = TextOf(entry, "type");
  item.provider = TextOf(entry, "platform") + "/" + type;
  item.label = FirstText(entry, {"name", "notes"});
  if (type == "apikey") {
    item.access_token = Secret(FirstText(credentials, {"api_key"}));
  } else {
    item.access_token = Secret(TextOf(credentials, "access_token"));
    item.refresh_token = Secret(TextOf(credentials, "refresh_token"));
    item.id_token = Secret(TextOf(credentials, "id_token"));
    item.provider_account_id = TextOf(credentials, "chatgpt_account_id");
  }
  if (!TextOf(credentials, "agent_private_key").empty()) item.error = "an agent identity, which is not supported";
  return item;
}

// CLIProxyAPI: a flat object with the provider's name as `type`.
bool IsCliProxy(const json& entry) {
  constexpr std::array kTypes = {"claude", "antigravity", "gemini", "qwen", "iflow", "kimi", "xai", "vertex"};
  const std::string type = TextOf(entry, "type");
  return IsFlatLogin(entry) || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}
ImportItem ReadCliProxy(const json& entry) {
  ImportItem item;
  item.provider = TextOf(entry, "type") + (TextOf(entry, "auth_kind") == "oauth" ? "/oauth" : "");
  item.access_token = Secret(TextOf(entry, "access_token"));
  item.refresh_token = Secret(TextOf(entry, "refresh_token"));
  item.id_token = Secret(TextOf(entry, "id_token"));
  item.provider_account_id = TextOf(entry, "account_id");
  item.label = FirstText(entry, {"note", "email"});
  if (const auto disabled = wire::BoolOf(Member(entry, "disabled"))) item.enabled = !*disabled;
  item.priority = WholeOf(entry, "priority");
  item.weight = WholeOf(entry, "weight");
  return item;
}

// opencode's auth.json, one provider's part (EntriesOf put its name in).
bool IsOpencode(const json& entry) {
  return entry.contains("provider") && (TextOf(entry, "type") == "oauth" || TextOf(entry, "type") == "api") &&
         (entry.contains("refresh") || entry.contains("key"));
}
ImportItem ReadOpencode(const json& entry) {
  ImportItem item;
  const bool is_key = TextOf(entry, "type") == "api";
  item.provider = TextOf(entry, "provider") + (is_key ? "/apikey" : "/oauth");
  item.access_token = Secret(TextOf(entry, is_key ? "key" : "access"));
  item.refresh_token = Secret(TextOf(entry, "refresh"));
  item.provider_account_id = TextOf(entry, "accountId");
  return item;
}

bool IsAuthJson(const json& entry) {
  return LooksLikeAuthJson(entry) && !Member(entry, "tokens").contains("accessToken");
}

// Our own export, and every list of tokens with a name.
bool HasTokens(const json& entry) { return entry.is_object(); }
ImportItem ReadTokens(const json& entry) {
  ImportItem item;
  item.provider = TextOf(entry, "provider");
  for (const json* place : {&entry, &Member(entry, "tokens"), &Member(entry, "credentials")}) {
    if (item.access_token.empty()) {
      item.access_token = Secret(FirstText(*place, {"token", "access_token", "accessToken", "key"}));
    }
    if (item.refresh_token.empty()) item.refresh_token = Secret(FirstText(*place, {"refreshToken", "refresh_token"}));
    if (item.id_token.empty()) item.id_token = Secret(FirstText(*place, {"idToken", "id_token"}));
  }
  item.provider_account_id = FirstText(entry, {"accountId", "account_id"});
  item.label =
      FirstText(entry, {"label", "name", "account_name", "accountName", "account_note", "accountNote", "note"});
  item.enabled = wire::BoolOf(Member(entry, "enabled"));
  item.priority = WholeOf(entry, "priority");
  item.weight = WholeOf(entry, "weight");
  if (const json& tags = Member(entry, "tags"); tags.is_array()) {
    for (const json& tag : tags) item.tags.push_back(TextOf(tag));
  }
  if (item.access_token.empty() && item.refresh_token.empty()) item.error = "neither token nor refreshToken";
  return item;
}

constexpr ImportFormat kFormats[] = {
    {"codex_lb", IsCodexLb, ReadCodexLb},          {"sub2api", IsSub2api, ReadSub2api},
    {"opencode", IsOpencode, ReadOpencode},        {"cli_proxy", IsCliProxy, ReadCliProxy},
    {"cockpit", IsCockpit, ReadCockpit},           {"auth_json", IsAuthJson, ReadAuthJson},
    {"web_session", IsWebSession, ReadWebSession}, {"accounts_json", HasTokens, ReadTokens},
};

}  // namespace

std::span<const ImportFormat> ImportFormats() { return kFormats; }

std::string FirstText(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (std::string text = TextOf(object, key); !text.empty()) return text;
  }
  return {};
}

std::string CutLabel(std::string label) {
  if (label.size() <= kMaxLabelBytes) return label;
  std::size_t end = kMaxLabelBytes;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80) --end;
  label.resize(end);
  return label;
}

ImportItem FromToken(std::string_view token) {
  if (StartsWithIgnoreCase(token, "bearer ")) token = TrimStart(token.substr(7));
  ImportItem item;
  // As the ChatGPT backend's begin (codex-proxy.md §3.6).
  const bool refreshes = token.starts_with("rt_") || token.starts_with("oaistb_rt_");
  (refreshes ? item.refresh_token : item.access_token) = Secret(std::string(token));
  return item;
}

}  // namespace patchbay::accounts
