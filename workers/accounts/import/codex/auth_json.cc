#include "workers/accounts/import/codex/auth_json.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

// How an auth.json without `auth_mode` is read (codex-wire §15).
std::string ModeOf(const json& document) {
  if (std::string mode = wire::TextOf(document, "auth_mode"); !mode.empty()) return mode;
  if (!wire::TextOf(document, "personal_access_token").empty()) return "personalAccessToken";
  if (document.contains("bedrock_api_key") && !document["bedrock_api_key"].is_null()) return "bedrockApiKey";
  if (!wire::TextOf(document, "OPENAI_API_KEY").empty()) return "apikey";
  return "chatgpt";
}

}  // namespace

bool LooksLikeAuthJson(const json& document) {
  return document.is_object() && (document.contains("tokens") || document.contains("OPENAI_API_KEY") ||
                                  document.contains("auth_mode") || document.contains("personal_access_token") ||
                                  document.contains("agent_identity") || document.contains("bedrock_api_key"));
}

ImportItem ReadAuthJson(const json& document) {
  ImportItem item;
  item.provider = "codex";
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
    // A key of the public API, and no login of ChatGPT.
    item.provider = "openai";
    item.access_token = Secret(wire::TextOf(document, "OPENAI_API_KEY"));
    if (item.access_token.empty()) item.error = "the file holds no API key";
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

}  // namespace patchbay::accounts
