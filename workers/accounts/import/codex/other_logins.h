// Logins of ChatGPT as other programs keep them (account-pools.md §5). Pure.
#pragma once

#include "lib/wire/json_members.h"
#include "workers/accounts/import/import_document.h"

namespace patchbay::accounts {

// An export of codex-lb: the login three times over, for three programs; the first is read.
bool IsCodexLb(const nlohmann::json& entry);
ImportItem ReadCodexLb(const nlohmann::json& entry);
// Cockpit's own export. Its passwords and second factors are not read.
bool IsCockpit(const nlohmann::json& entry);
ImportItem ReadCockpit(const nlohmann::json& entry);
// A session of the web page: its session token renews nothing outside of a browser.
bool IsWebSession(const nlohmann::json& entry);
ImportItem ReadWebSession(const nlohmann::json& entry);
// The flat object of CLIProxyAPI and others, of this provider.
bool IsFlatLogin(const nlohmann::json& entry);

}  // namespace patchbay::accounts
