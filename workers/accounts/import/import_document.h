// Documents that hold accounts: detection by content, and what each holds. Pure.
//
// Whatever a program exports is read here: one account or a list of them, in one document, in several behind each
// other, or one on a line (account-pools.md §5). What is no account's, passwords and second
// factors above all, is not read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::accounts {

struct ImportItem {
  std::string provider;  // id of a row; empty for the default one
  Secret access_token;   // or the key
  Secret refresh_token;
  Secret id_token;
  std::string provider_account_id;
  std::string label;
  // As its owner had set them; nothing where the document does not say.
  std::optional<bool> enabled;
  std::optional<int> priority;
  std::optional<int> weight;
  std::vector<std::string> tags;
  std::string error;  // why this one cannot be added; empty when it may be tried
};

struct ImportDocument {
  std::string format;  // of its first account: a name of FormatNames()
  std::vector<ImportItem> items;
};

inline constexpr std::size_t kMaxImportBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxImportItems = 20'000;
inline constexpr std::size_t kMaxLabelBytes = 64;

// kInvalidArgument when the document is none that we know; never quotes it. `label` names the account of a document
// that holds one.
Result<ImportDocument> ReadImportDocument(std::string_view text, const std::string& label);

}  // namespace patchbay::accounts
