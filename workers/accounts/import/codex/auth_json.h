// The auth.json in which the Codex CLI keeps its login (codex-wire §15). Pure.
#pragma once

#include "lib/wire/json_members.h"
#include "workers/accounts/import/import_document.h"

namespace patchbay::accounts {

bool LooksLikeAuthJson(const nlohmann::json& document);
// Without a label: the file has none.
ImportItem ReadAuthJson(const nlohmann::json& document);

}  // namespace patchbay::accounts
