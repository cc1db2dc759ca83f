// Client keys: made here, shown once, kept as a hash.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "workers/accounts/books/update_hub.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {

struct NewClientKey {
  StoredClientKey key;
  Secret secret;  // the only time it is seen
};

class ClientKeyBook {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxNameBytes = 64;

  ClientKeyBook(StorageThread& storage, const Clock& clock) : storage_(storage), clock_(clock) {}

  void Load(std::vector<StoredClientKey> keys);
  // kAlreadyExists when a valid key has that name.
  Awaitable<Result<NewClientKey>> Create(std::string name, int quota_view = 0);
  // By id or name; not one that is revoked.
  Awaitable<Result<StoredClientKey>> SetQuotaView(std::string key, int quota_view);
  // By id or name. A key that is revoked already stays as it is.
  Awaitable<Result<StoredClientKey>> Revoke(std::string id_or_name);
  std::vector<StoredClientKey> List(bool include_revoked) const;
  const StoredClientKey* Find(const std::string& id) const;
  // By id or name; of several of that name the one that is valid.
  Result<ClientKeyId> Resolve(const std::string& id_or_name) const;
  // False for a key of ours that is unknown or revoked. The frontend has names of its own for callers that need no key.
  bool IsValid(const ClientKeyId& id) const;

  UpdateHub& changes() { return changes_; }

 private:
  // By id, else by the name of a valid one.
  const StoredClientKey* FindAny(const std::string& id_or_name) const;
  Awaitable<Result<StoredClientKey>> Write(StoredClientKey key);

  StorageThread& storage_;
  const Clock& clock_;
  std::map<std::string, StoredClientKey> keys_;  // by id
  UpdateHub changes_;
};

}  // namespace patchbay::accounts
