// Client keys: made here, shown once, kept as a hash; or named by the configuration, which keeps their secrets itself.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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

struct KeyWish {
  std::string name;
  int quota_view = 0;
  v1::KeyTerms terms;
  std::optional<WallTime> expires_at;
};

// What is to change of a key; what is empty stays.
struct KeyEdit {
  std::string name;
  std::optional<int> quota_view;
  v1::KeyTerms terms;
  std::vector<std::string> terms_changed;  // which of them, by the names of their fields
  std::optional<WallTime> expires_at;      // 1970: never
};

// A row of `accounts.users`.
struct ConfiguredUser {
  std::string name;
  std::string sha256;  // of its token
  std::string hint;
  v1::KeyTerms terms;
  int quota_view = 0;
  std::optional<WallTime> expires_at;
};

class ClientKeyBook {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;  // that are not revoked
  // Those that are stay, so that what they have used has a name: of more the oldest are forgotten.
  static constexpr std::size_t kMaxRevoked = 10'000;
  static constexpr std::size_t kMaxNameBytes = 64;
  static constexpr std::chrono::days kKeepOldMax{30};

  ClientKeyBook(StorageThread& storage, const Clock& clock) : storage_(storage), clock_(clock) {}

  void Load(std::vector<StoredClientKey> keys);
  // Called with each key that was added or changed, once it is durable.
  void OnChange(std::function<void(const StoredClientKey&)> changed) { changed_ = std::move(changed); }

  // kAlreadyExists when a valid key has that name; kInvalidArgument for terms that cannot be.
  Awaitable<Result<NewClientKey>> Create(KeyWish wish);
  // By id or name; not one that is revoked. kFailedPrecondition: the configuration names it.
  Awaitable<Result<StoredClientKey>> Update(std::string id_or_name, KeyEdit edit);
  // The same. The secret before stays good for `keep_old`; one that had stayed so ends.
  Awaitable<Result<NewClientKey>> Rotate(std::string id_or_name, std::chrono::milliseconds keep_old);
  // By id or name. A key that is revoked already stays as it is.
  Awaitable<Result<StoredClientKey>> Revoke(std::string id_or_name);

  // The key of a row of the configuration is as the row says. kAlreadyExists: another key has its name or its token.
  // Should the disk not take it, the key has no secret that the row does not name all the same; call again.
  Awaitable<Result<StoredClientKey>> PutConfigured(ConfiguredUser user);
  // Of the rows that are gone. Should the disk not take it, they have no secrets all the same; call again.
  Awaitable<Result<void>> DropConfiguredBut(std::vector<std::string> names);

  std::vector<StoredClientKey> List(bool include_revoked) const;
  const StoredClientKey* Find(const std::string& id) const;
  // By id or name; of several of that name the one that is valid.
  Result<ClientKeyId> Resolve(const std::string& id_or_name) const;
  // False for a key of ours that is unknown, revoked or expired. The frontend has names of its own for callers that
  // need no key.
  bool IsValid(const ClientKeyId& id) const;
  // Those that open the door now.
  std::vector<KeySecret> SecretsOf(const StoredClientKey& key) const;

  // Watchers are told of how much a key has used by this in front of its id.
  static constexpr std::string_view kStanding = "standing/";
  void StandingChanged(const ClientKeyId& key) { changes_.Changed(std::string(kStanding) + key.str()); }

  // Call every second: whoever watches is told of keys and secrets that have ended.
  void Tick();

  UpdateHub& changes() { return changes_; }

 private:
  // A key while its change is on the way to the disk.
  struct Coming {
    StoredClientKey key;
    std::size_t edit = 0;
  };
  // Each key as it will be when all of that has arrived.
  template <class Visit>
  void ForEachComing(Visit visit) const;
  // By id, else by the name of a valid one, as it will be.
  const StoredClientKey* FindComing(const std::string& id_or_name) const;
  // The same, when it may be changed by hand.
  Result<StoredClientKey> ToChange(const std::string& id_or_name) const;
  Result<void> CheckName(const std::string& name, const ClientKeyId& own) const;
  Result<void> CheckExpiry(std::optional<WallTime> expires_at) const;
  void TakeSecret(StoredClientKey& key, const Secret& secret) const;
  Result<void> CheckRoom() const;
  // What is to be forgotten when one more is revoked.
  std::vector<ClientKeyId> RevokedTooMany(const StoredClientKey& key) const;
  void KeepNoSecretBut(const std::string& id, const std::string& sha256);
  Awaitable<Result<StoredClientKey>> Write(StoredClientKey key);
  void Told(const StoredClientKey& key);

  StorageThread& storage_;
  const Clock& clock_;
  std::map<std::string, StoredClientKey> keys_;  // by id; what is durable, and nothing else is shown to anybody
  std::map<std::string, Coming> coming_;         // by id
  std::size_t edits_ = 0;
  std::map<std::string, std::size_t> live_secrets_;  // of keys that end or have secrets that do: as it was told
  std::function<void(const StoredClientKey&)> changed_;
  UpdateHub changes_;
};

}  // namespace patchbay::accounts
