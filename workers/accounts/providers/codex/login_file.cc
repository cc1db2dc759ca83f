#include "workers/accounts/providers/codex/login_file.h"

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

const Error& NoAuthFile() {
  static const Error error(ErrorCode::kInvalidArgument, "it is no auth.json of the Codex CLI");
  return error;
}

}  // namespace

std::string AuthModeOf(const json& document) {
  if (std::string mode = wire::TextOf(document, "auth_mode"); !mode.empty()) return mode;
  if (!wire::TextOf(document, "personal_access_token").empty()) return "personalAccessToken";
  if (!wire::Member(document, "bedrock_api_key").is_null()) return "bedrockApiKey";
  if (!wire::TextOf(document, "OPENAI_API_KEY").empty()) return "apikey";
  return "chatgpt";
}

FileLogin TokensOf(const json& document) {
  const json& tokens = wire::Member(document, "tokens");
  return {Secret(wire::TextOf(tokens, "access_token")), Secret(wire::TextOf(tokens, "refresh_token")),
          Secret(wire::TextOf(tokens, "id_token")), wire::TextOf(tokens, "account_id")};
}

Result<FileLogin> ReadAuthFile(std::string_view text) {
  const json document = wire::ParseOrNothing(text);
  if (!document.is_object()) return NoAuthFile();
  FileLogin login = TokensOf(document);
  if (AuthModeOf(document) != "chatgpt" || login.access.empty() || login.refresh.empty()) {
    return Error(ErrorCode::kInvalidArgument, "it holds no ChatGPT login: log in with the Codex CLI");
  }
  return login;
}

Result<std::string> WriteAuthFile(std::string_view text, const FileLogin& login, WallTime now) {
  auto document = wire::ParseOrNothing<ordered_json>(text);
  if (!document.is_object()) return NoAuthFile();
  ordered_json& tokens = document["tokens"];
  if (!tokens.is_object()) tokens = ordered_json::object();
  const auto put = [&](const char* key, const Secret& value) {
    if (!value.empty()) tokens[key] = value.Reveal();
  };
  put("id_token", login.id);
  put("access_token", login.access);
  put("refresh_token", login.refresh);
  if (!login.provider_account_id.empty()) tokens["account_id"] = login.provider_account_id;
  document["last_refresh"] = Rfc3339Micros(now);
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace patchbay::accounts
