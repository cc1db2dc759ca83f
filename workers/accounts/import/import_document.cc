#include "workers/accounts/import/import_document.h"

#include "lib/base/encoding.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

std::string FirstText(const json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (std::string text = wire::TextOf(object, key); !text.empty()) return text;
  }
  return {};
}

// Cut at a character's start, so that a label stays valid UTF-8.
std::string Cut(std::string label) {
  if (label.size() <= kMaxLabelBytes) return label;
  std::size_t end = kMaxLabelBytes;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80) --end;
  label.resize(end);
  return label;
}

// How an auth.json without `auth_mode` is read (codex-wire §15).
std::string ModeOf(const json& document) {
  if (std::string mode = wire::TextOf(document, "auth_mode"); !mode.empty()) return mode;
  if (!wire::TextOf(document, "personal_access_token").empty()) return "personalAccessToken";
  if (document.contains("bedrock_api_key") && !document["bedrock_api_key"].is_null()) return "bedrockApiKey";
  if (!wire::TextOf(document, "OPENAI_API_KEY").empty()) return "apikey";
  return "chatgpt";
}

ImportItem FromAuthJson(const json& document, const std::string& label) {
  ImportItem item;
  item.label = Cut(label);
  const std::string mode = ModeOf(document);
  if (mode == "chatgpt" || mode == "chatgptAuthTokens") {
    const json tokens = document.value("tokens", json());
    item.access_token = Secret(wire::TextOf(tokens, "access_token"));
    item.refresh_token = Secret(wire::TextOf(tokens, "refresh_token"));
    item.id_token = Secret(wire::TextOf(tokens, "id_token"));
    item.provider_account_id = wire::TextOf(tokens, "account_id");
    if (item.access_token.empty() && item.refresh_token.empty())
      item.error = "the file holds no tokens: log in with Codex CLI first";
  } else if (mode == "personalAccessToken") {
    item.access_token = Secret(wire::TextOf(document, "personal_access_token"));
    if (item.access_token.empty()) item.error = "the file holds no personal access token";
  } else if (mode == "apikey") {
    item.error = "this login is an API key: add it with `patchbay accounts add --provider openai --key-file FILE`";
  } else if (mode == "agentIdentity") {
    item.error = "this login is an agent identity, which is not supported";
  } else if (mode == "headers") {
    item.error = "this login lives in its host program (auth_mode headers); there is nothing to import";
  } else if (mode == "bedrockApiKey") {
    item.error = "this login is for Amazon Bedrock, which is not supported";
  } else {
    item.error = "the login's auth_mode is not one that patchbay knows";
  }
  return item;
}

bool LooksLikeAuthJson(const json& document) {
  return document.is_object() && (document.contains("tokens") || document.contains("OPENAI_API_KEY") ||
                                  document.contains("auth_mode") || document.contains("personal_access_token") ||
                                  document.contains("agent_identity") || document.contains("bedrock_api_key"));
}

ImportItem FromEntry(const json& entry) {
  ImportItem item;
  if (!entry.is_object()) {
    item.error = "not an object";
    return item;
  }
  item.access_token = Secret(FirstText(entry, {"token", "access_token", "accessToken"}));
  item.refresh_token = Secret(FirstText(entry, {"refreshToken", "refresh_token"}));
  item.id_token = Secret(FirstText(entry, {"idToken", "id_token"}));
  item.provider_account_id = FirstText(entry, {"accountId", "account_id"});
  item.label = Cut(wire::TextOf(entry, "label"));
  if (item.access_token.empty() && item.refresh_token.empty()) item.error = "neither token nor refreshToken";
  return item;
}

}  // namespace

Result<ImportDocument> ReadImportDocument(std::string_view text, const std::string& label) {
  if (text.size() > kMaxImportBytes) return Error(ErrorCode::kTooLarge, "the document is too large");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const json document = wire::ParseOrNothing(text);
  if (document.is_discarded()) return Error(ErrorCode::kInvalidArgument, "the document is not JSON");
  ImportDocument out;
  if (document.is_object() && document.contains("accounts")) {
    const json& entries = document["accounts"];
    if (!entries.is_array()) return Error(ErrorCode::kInvalidArgument, "\"accounts\" is not a list");
    if (entries.size() > kMaxImportItems) return Error(ErrorCode::kTooLarge, "the document holds too many accounts");
    out.format = "accounts_json";
    for (const json& entry : entries) out.items.push_back(FromEntry(entry));
    if (out.items.size() == 1 && !label.empty()) out.items.front().label = Cut(label);
    return out;
  }
  if (LooksLikeAuthJson(document)) {
    out.format = "codex_auth_json";
    out.items.push_back(FromAuthJson(document, label));
    return out;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      "the document is neither Codex CLI's auth.json nor {\"accounts\":[{\"token\",\"refreshToken\",\"label\"}]}");
}

}  // namespace patchbay::accounts
