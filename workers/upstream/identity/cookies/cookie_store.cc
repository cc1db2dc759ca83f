#include "workers/upstream/identity/cookies/cookie_store.h"

#include <utility>

#include "lib/log/log.h"

namespace patchbay::upstream {
namespace {

std::string Aad(const std::string& account) { return "cookies/" + account; }

}  // namespace

Result<std::unique_ptr<CookieStore>> CookieStore::Open(const std::filesystem::path& file,
                                                       std::unique_ptr<seal::Sealer> sealer) {
  ASSIGN_OR_RETURN(auto database, sqlite::Database::Open(file, sqlite::Durability::kSoon));
  RETURN_IF_ERROR(database->Execute(
      "CREATE TABLE IF NOT EXISTS jar(account TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID"));
  return std::unique_ptr<CookieStore>(new CookieStore(std::move(database), std::move(sealer)));
}

CookieStore::CookieStore(std::unique_ptr<sqlite::Database> database, std::unique_ptr<seal::Sealer> sealer)
    : database_(std::move(database)), sealer_(std::move(sealer)), writer_([this] { WriteLoop(); }) {}

CookieStore::~CookieStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

Result<void> CookieStore::LoadInto(CookieJar& jar) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !writing_; });
  ASSIGN_OR_RETURN(const auto rows, database_->Prepare("SELECT account, sealed FROM jar"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return {};
    const std::string account = rows->Text(0);
    const Result<std::string> text = sealer_->Unseal(rows->Text(1), Aad(account));
    if (!text.ok()) continue;
    if (auto cookies = ParseCookies(*text)) jar.Load(account, std::move(*cookies));
  }
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
  const auto written = database_->InTransaction([&]() -> Result<void> {
    for (const auto& [account, sealed] : batch) {
      ASSIGN_OR_RETURN(const auto put, database_->Prepare("INSERT OR REPLACE INTO jar(account, sealed) VALUES(?, ?)"));
      RETURN_IF_ERROR(put->Bind(account).BindBlob(sealed).Run());
    }
    return {};
  });
  if (!written.ok()) {
    log::Warn("cookies.not_saved", {{"accounts", batch.size()}, {"reason", written.error().message}});
  }
}

}  // namespace patchbay::upstream
