// A store in a directory of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "lib/base/random.h"
#include "workers/accounts/store/sqlite_store.h"

namespace patchbay::accounts {

struct TemporaryDirectory {
  TemporaryDirectory() : path(std::filesystem::temp_directory_path() / RandomId("pb-store-")) {
    std::filesystem::create_directory(path);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

inline Result<std::unique_ptr<SqliteStore>> OpenStore(const std::filesystem::path& directory, char key = 'k') {
  return SqliteStore::Open(directory / "accounts.db",
                           std::make_unique<seal::Sealer>(Secret(std::string(seal::kKeyBytes, key))));
}

inline StoredAccount AnAccount(const std::string& ref) {
  StoredAccount account;
  account.ref = AccountId(ref);
  account.provider = "codex";
  account.label = "label of " + ref;
  account.provider_account_id = "acct-" + ref;
  account.tokens.access = Secret("access-of-" + ref);
  account.tokens.refresh = Secret("refresh-of-" + ref);
  account.created_at = WallTime(std::chrono::milliseconds(1'790'000'000'123));
  return account;
}

inline UsageRecord AUsage(const std::string& lease, const std::string& account = "a") {
  UsageRecord usage;
  usage.lease = LeaseId(lease);
  usage.request = RequestId("req-" + lease);
  usage.account = AccountId(account);
  usage.model = "gpt-5.5";
  usage.input_tokens = 10;
  usage.output_tokens = 20;
  usage.started_at = WallTime(std::chrono::milliseconds(1'790'000'001'000));
  usage.total = std::chrono::milliseconds(1234);
  return usage;
}

}  // namespace patchbay::accounts
