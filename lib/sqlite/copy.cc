#include "lib/sqlite/copy.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "lib/base/descriptor.h"

namespace patchbay::sqlite {
namespace {

constexpr int kPagesAtOnce = 1000;
constexpr int kCopyPatienceMs = 5000;

using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Error Failed(const std::filesystem::path& path, sqlite3* handle) {
  return Error(ErrorCode::kInternal, path.string() + ": " + sqlite3_errmsg(handle));
}

Result<Handle> OpenHandle(const std::filesystem::path& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw, sqlite3_close_v2);
  if (code != SQLITE_OK) return Failed(path, raw);
  sqlite3_busy_timeout(raw, kCopyPatienceMs);
  return handle;
}

}  // namespace

Result<void> CheckDatabase(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const Handle handle, OpenHandle(path, SQLITE_OPEN_READONLY));
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle.get(), "PRAGMA integrity_check(1)", -1, &raw, nullptr) != SQLITE_OK) {
    return Failed(path, handle.get());
  }
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> query(raw, sqlite3_finalize);
  if (sqlite3_step(raw) != SQLITE_ROW) return Failed(path, handle.get());
  const std::string said = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  if (said != "ok") return Error(ErrorCode::kInternal, path.string() + " is damaged: " + said);
  return {};
}

Result<void> CopyDatabase(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (!std::filesystem::exists(from)) return Error(ErrorCode::kNotFound, "there is no " + from.string());
  // Made by us, so that it is nobody else's and for its owner only.
  const Descriptor made(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made.valid()) {
    const ErrorCode code = errno == EEXIST ? ErrorCode::kAlreadyExists : ErrorCode::kFailedPrecondition;
    return Error(code, "cannot make " + to.string() + ": " + std::strerror(errno));
  }
  {
    ASSIGN_OR_RETURN(const Handle source, OpenHandle(from, SQLITE_OPEN_READWRITE));
    ASSIGN_OR_RETURN(const Handle target, OpenHandle(to, SQLITE_OPEN_READWRITE));
    sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (backup == nullptr) return Failed(to, target.get());
    int code = SQLITE_OK;
    while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      code = sqlite3_backup_step(backup, kPagesAtOnce);
      if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(50);
    }
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) {
      return Error(ErrorCode::kInternal, "cannot copy " + from.string() + ": " + sqlite3_errstr(code));
    }
    // One file, and no journal beside it.
    if (sqlite3_exec(target.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK) {
      return Failed(to, target.get());
    }
  }
  return CheckDatabase(to);
}

}  // namespace patchbay::sqlite
