// What an import reads, written. Pure.
#pragma once

#include <string>
#include <vector>

#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

enum class ExportFormat {
  kMinimal,  // provider, label, and the one secret that brings the account back
  kFull,     // everything that an import reads
};

// `{"accounts": […]}`, in the order given. It holds secrets in the clear.
std::string ExportDocument(const std::vector<const StoredAccount*>& accounts, ExportFormat format);

}  // namespace patchbay::accounts
