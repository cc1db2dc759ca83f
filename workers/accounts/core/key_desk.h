// What the operator asks of client keys.
#pragma once

#include <string>
#include <vector>

#include "workers/accounts/books/client_key_book.h"
#include "workers/accounts/core/key_calls.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

struct KeyView {
  StoredClientKey key;
  std::optional<WallTime> old_secret_until;
  KeyLimits::Standing standing;
  std::size_t waiting = 0;
};

class KeyDesk {
 public:
  KeyDesk(asio::io_context& io, ClientKeyBook& keys, const KeyCalls& calls, const Providers& providers)
      : io_(io), keys_(keys), calls_(calls), providers_(providers) {}

  // As ClientKeyBook has them; the frontends know of it when these return, those that do not read excepted. Terms that
  // name a provider which there is not are refused: they are somebody's slip, and would let nothing through.
  Awaitable<Result<NewClientKey>> Create(KeyWish wish);
  Awaitable<Result<StoredClientKey>> Update(std::string key, KeyEdit edit);
  Awaitable<Result<NewClientKey>> Rotate(std::string key, std::chrono::milliseconds keep_old);
  Awaitable<Result<StoredClientKey>> Revoke(std::string key);

  KeyView View(const StoredClientKey& key) const;
  std::vector<KeyView> Keys(bool include_revoked) const;
  // By id or name.
  Result<KeyView> Key(const std::string& id_or_name) const;

 private:
  Result<void> CheckProviders(const v1::KeyTerms& terms) const;
  Awaitable<void> WaitUntilTold(ClientKeyId key);

  asio::io_context& io_;
  ClientKeyBook& keys_;
  const KeyCalls& calls_;
  const Providers& providers_;
};

}  // namespace patchbay::accounts
