#include "workers/upstream/identity/cookies/cookie_store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

#include "lib/log/log.h"

namespace patchbay::upstream {
namespace {

// Two generations of this worker may write at once for a moment.
constexpr int kBusyTimeoutMs = 2000;

std::string Aad(const std::string& account) { return "cookies/" + account; }

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement Prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return Statement(statement);
}

std::string Blob(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

Result<std::unique_ptr<CookieStore>> CookieStore::Open(const std::filesystem::path& file,
                                                       std::unique_ptr<seal::Sealer> sealer) {
  const mode_t old_mask = ::umask(0077);  // the journal files inherit it
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  ::umask(old_mask);
  std::unique_ptr<CookieStore> store(new CookieStore(database, std::move(sealer)));
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  constexpr const char* kSetUp =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
      "CREATE TABLE IF NOT EXISTS jar(account TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;";
  if (opened != SQLITE_OK || sqlite3_exec(database, kSetUp, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Error(ErrorCode::kFailedPrecondition, "cannot use " + file.string() + ": " + sqlite3_errmsg(database));
  }
  return store;
}

CookieStore::CookieStore(sqlite3* database, std::unique_ptr<seal::Sealer> sealer)
    : database_(database), sealer_(std::move(sealer)), writer_([this] { WriteLoop(); }) {}

CookieStore::~CookieStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
  sqlite3_close(database_);
}

Result<void> CookieStore::LoadInto(CookieJar& jar) {
  const Statement rows = Prepare(database_, "SELECT account, sealed FROM jar");
  int step = SQLITE_ERROR;
  while (rows && (step = sqlite3_step(rows.get())) == SQLITE_ROW) {
    const std::string account = Blob(rows.get(), 0);
    const Result<std::string> text = sealer_->Unseal(Blob(rows.get(), 1), Aad(account));
    if (!text.ok()) continue;
    if (auto cookies = ParseCookies(*text)) jar.Load(account, std::move(*cookies));
  }
  if (step != SQLITE_DONE)
    return Error(ErrorCode::kFailedPrecondition, std::string("cannot read cookies: ") + sqlite3_errmsg(database_));
  return {};
}

void CookieStore::Save(const std::string& account, const std::vector<Cookie>& cookies) {
  std::string sealed = sealer_->Seal(SerializeCookies(cookies), Aad(account));
  {
    const std::lock_guard lock(mutex_);
    pending_[account] = std::move(sealed);
  }
  changed_.notify_all();
}

void CookieStore::Flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return pending_.empty() && !writing_; });
}

void CookieStore::WriteLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !pending_.empty(); });
    if (pending_.empty()) return;
    const auto batch = std::exchange(pending_, {});
    writing_ = true;
    lock.unlock();
    Write(batch);
    lock.lock();
    writing_ = false;
    changed_.notify_all();
  }
}

void CookieStore::Write(const std::map<std::string, std::string>& batch) {
  bool ok = sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  if (ok) {
    const Statement put = Prepare(database_, "INSERT OR REPLACE INTO jar(account, sealed) VALUES(?, ?)");
    for (const auto& [account, sealed] : batch) {
      sqlite3_bind_text(put.get(), 1, account.data(), static_cast<int>(account.size()), SQLITE_STATIC);
      sqlite3_bind_blob(put.get(), 2, sealed.data(), static_cast<int>(sealed.size()), SQLITE_STATIC);
      ok = sqlite3_step(put.get()) == SQLITE_DONE && ok;
      sqlite3_reset(put.get());
    }
  }
  ok = sqlite3_exec(database_, ok ? "COMMIT" : "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK && ok;
  if (!ok) log::Warn("cookies.not_saved", {{"accounts", batch.size()}, {"reason", sqlite3_errmsg(database_)}});
}

}  // namespace patchbay::upstream
