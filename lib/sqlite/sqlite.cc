#include "lib/sqlite/sqlite.h"

#include <sys/stat.h>

namespace patchbay::sqlite {
namespace {

// The disk may be slow; other processes (a backup) may hold the lock for a moment.
constexpr int kBusyTimeoutMs = 5000;

Error FromSqlite(sqlite3* database, int code) {
  const std::string text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOLFS: return Error(ErrorCode::kUnavailable, "the database cannot be used now: " + text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Error(ErrorCode::kFailedPrecondition, "the database is damaged: " + text);
    case SQLITE_CONSTRAINT: return Error(ErrorCode::kAlreadyExists, "the database refused a row: " + text);
    default: return Error(ErrorCode::kInternal, "database: " + text);
  }
}

}  // namespace

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::Bind(std::string_view text) {
  sqlite3_bind_text(statement_, next_++, text.data() == nullptr ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}
Query& Query::BindBlob(std::string_view bytes) {
  sqlite3_bind_blob(statement_, next_++, bytes.data() == nullptr ? "" : bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_TRANSIENT);
  return *this;
}
Query& Query::Bind(std::int64_t number) {
  sqlite3_bind_int64(statement_, next_++, number);
  return *this;
}
Query& Query::Bind(double number) {
  sqlite3_bind_double(statement_, next_++, number);
  return *this;
}
Query& Query::BindNull() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

Result<bool> Query::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return FromSqlite(database_, code);
}

Result<void> Query::Run() {
  ASSIGN_OR_RETURN(const bool row, Step());
  (void)row;
  return {};
}

std::string Query::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path, Durability durability) {
  sqlite3* handle = nullptr;
  const mode_t before = ::umask(0077);  // SQLite gives the -wal and -shm files the permissions of the database
  const int code = sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  ::umask(before);
  auto database = std::unique_ptr<Database>(new Database(handle));
  Result<void> ready;
  if (code != SQLITE_OK) {
    ready = FromSqlite(handle, code);
  } else {
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    ready = database->Execute(std::string("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=") +
                              (durability == Durability::kEachCommit ? "FULL" : "NORMAL"));
  }
  if (!ready.ok()) {
    Error error = std::move(ready).error();
    error.message += " (" + path.string() + ")";
    return error;
  }
  return database;
}

Result<std::unique_ptr<Database>> Database::OpenToRead(const std::filesystem::path& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  auto database = std::unique_ptr<Database>(new Database(handle));
  if (code != SQLITE_OK) {
    Error error = FromSqlite(handle, code);
    error.message += " (" + path.string() + ")";
    return error;
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Result<void> Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return FromSqlite(handle_, code);
  return {};
}

Result<std::unique_ptr<Query>> Database::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
      statements_.erase(sql);
      return FromSqlite(handle_, code);
    }
  }
  return std::make_unique<Query>(handle_, statement);
}

Result<void> Database::InTransaction(const std::function<Result<void>()>& work) {
  const bool outermost = depth_ == 0;
  RETURN_IF_ERROR(Execute(outermost ? "BEGIN IMMEDIATE" : "SAVEPOINT nested"));
  struct Open {
    Open(Database& d, bool o) : database(d), outermost(o) { ++database.depth_; }
    ~Open() {
      --database.depth_;
      // After some errors SQLite has rolled back by itself; then this says so, which is what we want.
      if (!kept) (void)database.Execute(outermost ? "ROLLBACK" : "ROLLBACK TO nested; RELEASE nested");
    }
    Database& database;
    const bool outermost;
    bool kept = false;
  } open(*this, outermost);
  Result<void> done = work();
  if (done.ok()) done = Execute(outermost ? "COMMIT" : "RELEASE nested");
  open.kept = done.ok();
  if (!done.ok() && !outermost && sqlite3_get_autocommit(handle_) != 0) {
    // The whole is gone with this part: what came after would be written each for itself.
    return Error(ErrorCode::kUnavailable, "the transaction is lost: " + done.error().message);
  }
  return done;
}

Result<void> Database::InSnapshot(const std::function<Result<void>()>& work) {
  RETURN_IF_ERROR(Execute("BEGIN"));
  struct Open {
    explicit Open(Database& d) : database(d) {}
    ~Open() { (void)database.Execute("ROLLBACK"); }  // there is nothing to keep
    Database& database;
  } open(*this);
  return work();
}

}  // namespace patchbay::sqlite
