#include "workers/accounts/import/codex/auth_json.h"

#include <utility>

#include "workers/accounts/providers/codex/login_file.h"

namespace patchbay::accounts {

using nlohmann::json;

bool LooksLikeAuthJson(const json& document) {
  return document.is_object() && (document.contains("tokens") || document.contains("OPENAI_API_KEY") ||
                                  document.contains("auth_mode") || document.contains("personal_access_token") ||
                                  document.contains("agent_identity") || document.contains("bedrock_api_key"));
}

ImportItem ReadAuthJson(const json& document) {
  ImportItem item;
  item.provider = "codex";
  const std::string mode = AuthModeOf(document);
  if (mode == "chatgpt" || mode == "chatgptAuthTokens") {
    FileLogin login = TokensOf(document);
    item.access_token = std::move(login.access);
    item.refresh_token = std::move(login.refresh);
    item.id_token = std::move(login.id);
    item.provider_account_id = std::move(login.provider_account_id);
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
