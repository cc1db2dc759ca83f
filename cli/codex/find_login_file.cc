// Where the Codex CLI looks for its login (codex-wire §15).
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/login_file.h"

namespace patchbay::cli {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<std::string> FindLoginFile() {
  std::filesystem::path folder = Variable("CODEX_HOME");
  if (folder.empty()) {
    const std::string home = Variable("HOME");
    if (home.empty())
      return Error(ErrorCode::kFailedPrecondition, "neither $CODEX_HOME nor $HOME is set: name the file");
    folder = std::filesystem::path(home) / ".codex";
  }
  const std::filesystem::path file = folder / "auth.json";
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return file.string();
  return Error(ErrorCode::kFailedPrecondition,
               "there is no " + file.string() +
                   ": log in with the Codex CLI first. Where it keeps its login in the keyring, put "
                   "cli_auth_credentials_store = \"file\" into its config.toml and log in again");
}

}  // namespace patchbay::cli
