// The auth.json in which the Codex CLI keeps its login (codex-wire §15). Pure.
#pragma once

#include "lib/wire/json_members.h"
#include "workers/accounts/providers/login_file.h"

namespace patchbay::accounts {

// How one without `auth_mode` is read too.
std::string AuthModeOf(const nlohmann::json& document);
// What stands in its `tokens`.
FileLogin TokensOf(const nlohmann::json& document);

Result<FileLogin> ReadAuthFile(std::string_view text);
Result<std::string> WriteAuthFile(std::string_view text, const FileLogin& login, WallTime now);

inline constexpr LoginFile kAuthFile{.read = ReadAuthFile, .write = WriteAuthFile};

}  // namespace patchbay::accounts
