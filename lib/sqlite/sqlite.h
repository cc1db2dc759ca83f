// SQLite's C interface with owners and Results.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay::sqlite {

// One run of a prepared statement; resets it when it goes away.
class Query {
 public:
  Query(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Binds the next parameter.
  Query& Bind(std::string_view text);
  Query& BindBlob(std::string_view bytes);
  Query& Bind(std::int64_t number);
  Query& Bind(double number);
  Query& Bind(WallTime time) { return Bind(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  Query& Bind(std::optional<WallTime> time) { return time ? Bind(*time) : BindNull(); }
  Query& Bind(std::optional<std::chrono::milliseconds> span) {
    return span ? Bind(static_cast<std::int64_t>(span->count())) : BindNull();
  }
  Query& BindNull();

  // True: a row is there to be read.
  Result<bool> Step();
  // Runs a statement that gives no rows.
  Result<void> Run();

  std::string Text(int column) const;
  std::int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double Real(int column) const { return sqlite3_column_double(statement_, column); }
  bool IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  WallTime Time(int column) const { return WallTime(std::chrono::milliseconds(Integer(column))); }
  std::optional<WallTime> MaybeTime(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(Time(column));
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
};

// When a commit is on the disk: with each, or soon (a power cut may take the last ones, never the database).
enum class Durability { kEachCommit, kSoon };

// One connection. It has no lock of its own: whoever shares it between threads takes turns.
class Database {
 public:
  // Opens the file in WAL mode with foreign keys, or makes it: for its owner only, as are the files beside it.
  static Result<std::unique_ptr<Database>> Open(const std::filesystem::path& path,
                                                Durability durability = Durability::kEachCommit);
  // A further connection to a file that another one has open, for reading only: it waits for no writer, and none for
  // it.
  static Result<std::unique_ptr<Database>> OpenToRead(const std::filesystem::path& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Several statements without parameters.
  Result<void> Execute(const std::string& sql);
  // Prepared once per text. `sql` must be a literal: it is known by its address.
  Result<std::unique_ptr<Query>> Prepare(const char* sql);
  // Runs `work` as a whole or not at all: its error takes back what it did. Called within another's work, it is a part
  // of that one which can fail alone; kUnavailable: that one is lost as a whole, and its work must end.
  Result<void> InTransaction(const std::function<Result<void>()>& work);
  // Runs `work`, which only reads, on the file as it is when it begins to, whatever is written meanwhile.
  Result<void> InSnapshot(const std::function<Result<void>()>& work);
  std::int64_t changes() const { return sqlite3_changes64(handle_); }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  int depth_ = 0;  // of transactions that are open
};

}  // namespace patchbay::sqlite
