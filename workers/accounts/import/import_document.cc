#include "workers/accounts/import/import_document.h"

#include <algorithm>
#include <iterator>

#include "workers/accounts/import/entries.h"
#include "workers/accounts/import/formats.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

// Whose row is meant by the word that a program has for a provider.
struct Word {
  std::string_view word;
  std::string_view provider;
};
constexpr Word kWords[] = {
    {"claude", "anthropic"},
    {"openai/oauth", "codex"},
    {"openai/apikey", "openai"},
    {"anthropic/oauth", "anthropic"},
    {"anthropic/apikey", "anthropic"},
    {"codex/oauth", "codex"},
    {"xai/oauth", "grok"},
    {"claude/oauth", "anthropic"},
};

std::string RowOf(const std::string& word) {
  const auto known =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& each) { return each.word == word; });
  if (known != std::end(kWords)) return std::string(known->provider);
  return word.substr(0, word.find('/'));
}

ImportItem ReadEntry(const json& entry, std::string& format) {
  ImportItem item;
  if (entry.is_string()) {
    format = "tokens";
    item = FromToken(entry.get<std::string>());
    const Secret& token = item.access_token.empty() ? item.refresh_token : item.access_token;
    if (!IsToken(token.Reveal())) item.error = "not a token";
  } else if (entry.is_object()) {
    const auto formats = ImportFormats();
    const auto its =
        std::find_if(formats.begin(), formats.end(), [&](const ImportFormat& each) { return each.is(entry); });
    format = its->name;
    item = its->read(entry);
    item.provider = RowOf(item.provider);
  } else {
    item.error = "not an object";
    return item;
  }
  item.label = CutLabel(std::move(item.label));
  if (item.error.empty() && item.access_token.empty() && item.refresh_token.empty()) item.error = "it holds no token";
  return item;
}

}  // namespace

Result<ImportDocument> ReadImportDocument(std::string_view text, const std::string& label) {
  if (text.size() > kMaxImportBytes) return Error(ErrorCode::kTooLarge, "the document is too large");
  ASSIGN_OR_RETURN(const auto entries, EntriesOf(text, kMaxImportItems));
  ImportDocument out;
  bool any = false;
  for (const json& entry : entries) {
    std::string format;
    out.items.push_back(ReadEntry(entry, format));
    if (out.format.empty()) out.format = std::move(format);
    any = any || out.items.back().error.empty();
  }
  const bool is_known = !out.format.empty() && out.format != "tokens" && out.format != "accounts_json";
  if (!any && !is_known && !out.items.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "the document holds no account in a form that patchbay knows; docs/accounts.md lists them");
  }
  if (out.items.size() == 1 && !label.empty()) out.items.front().label = CutLabel(label);
  return out;
}

}  // namespace patchbay::accounts
