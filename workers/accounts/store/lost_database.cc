#include "workers/accounts/store/lost_database.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <system_error>

namespace patchbay::accounts {
namespace {

constexpr const char* kDatabase = "accounts.db";
constexpr const char* kNote = "accounts.db.made";
constexpr const char* kText =
    "accounts.db was made in this directory, and patchbay refuses to start without it.\n"
    "To begin anew with no accounts and no keys, delete this file.\n";

}  // namespace

Result<void> RefuseLostDatabase(const std::filesystem::path& state_dir) {
  std::error_code error;
  if (!std::filesystem::exists(state_dir / kNote, error)) return {};
  const auto size = std::filesystem::file_size(state_dir / kDatabase, error);
  if (!error && size > 0) return {};
  return Error(ErrorCode::kFailedPrecondition,
               (state_dir / kDatabase).string() + (error ? " is missing" : " is empty") +
                   ", although it was made here before: put it back from a backup, or, to begin anew with no accounts "
                   "and no keys, delete " +
                   (state_dir / kNote).string());
}

Result<void> NoteDatabase(const std::filesystem::path& state_dir) {
  const std::filesystem::path path = state_dir / kNote;
  std::error_code error;
  if (std::filesystem::exists(path, error)) return {};
  const mode_t before = umask(0077);
  std::ofstream note(path);
  note << kText;
  note.close();
  umask(before);
  if (note.fail()) return Error(ErrorCode::kUnavailable, "cannot write " + path.string());
  return {};
}

}  // namespace patchbay::accounts
