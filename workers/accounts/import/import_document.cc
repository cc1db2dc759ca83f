#include "workers/accounts/import/import_document.h"

#include "lib/base/encoding.h"
#include "lib/wire/json_members.h"
#include "workers/accounts/import/codex/auth_json.h"

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
    out.format = "auth_json";
    out.items.push_back(ReadAuthJson(document));
    out.items.front().label = Cut(label);
    return out;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      "the document is neither Codex CLI's auth.json nor {\"accounts\":[{\"token\",\"refreshToken\",\"label\"}]}");
}

}  // namespace patchbay::accounts
