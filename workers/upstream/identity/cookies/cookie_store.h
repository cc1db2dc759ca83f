// The cookie jars on disk: sessions.db, each jar sealed. Written behind by a thread of its own, so
// the event loop never waits for a disk. Losing the last write loses a cookie, which the
// infrastructure hands out again; so errors are logged and the worker goes on.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "lib/base/result.h"
#include "lib/seal/seal.h"
#include "lib/sqlite/sqlite.h"
#include "workers/upstream/identity/cookies/cookies.h"

namespace patchbay::upstream {

class CookieStore {
 public:
  static Result<std::unique_ptr<CookieStore>> Open(const std::filesystem::path& file,
                                                   std::unique_ptr<seal::Sealer> sealer);
  // Writes what is pending.
  ~CookieStore();

  // Fills `jar` with what was saved. Rows that cannot be opened (another key) are skipped.
  Result<void> LoadInto(CookieJar& jar);
  // Soon, and only the latest state of an account.
  void Save(const std::string& account, const std::vector<Cookie>& cookies);
  // Returns when everything saved so far is written (or failed).
  void Flush();

 private:
  CookieStore(std::unique_ptr<sqlite::Database> database, std::unique_ptr<seal::Sealer> sealer);
  void WriteLoop();
  void Write(const std::map<std::string, std::string>& batch);

  // Used by whoever holds the mutex while nobody writes, and by the writer while it does.
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<seal::Sealer> sealer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> pending_;  // account → sealed jar; bounded by the jar's own bounds
  bool writing_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace patchbay::upstream
