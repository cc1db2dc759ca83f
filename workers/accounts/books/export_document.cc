#include "workers/accounts/books/export_document.h"

#include <nlohmann/json.hpp>

namespace patchbay::accounts {
namespace {

using Json = nlohmann::ordered_json;

Json EntryOf(const StoredAccount& account, ExportFormat format) {
  Json entry;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) entry[name] = value;
  };
  text("provider", account.provider);
  text("label", account.label);
  const Tokens& tokens = account.tokens;
  if (format == ExportFormat::kFull || tokens.refresh.empty()) text("token", tokens.access.Reveal());
  text("refreshToken", tokens.refresh.Reveal());
  if (format == ExportFormat::kMinimal) return entry;
  text("idToken", tokens.id.Reveal());
  text("accountId", account.provider_account_id);
  text("email", account.email);
  text("plan", account.plan);
  entry["enabled"] = account.enabled;
  entry["priority"] = account.priority;
  entry["weight"] = account.weight;
  entry["tags"] = account.tags;
  return entry;
}

}  // namespace

std::string ExportDocument(const std::vector<const StoredAccount*>& accounts, ExportFormat format) {
  Json document;
  document["accounts"] = Json::array();
  for (const StoredAccount* account : accounts) document["accounts"].push_back(EntryOf(*account, format));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace patchbay::accounts
