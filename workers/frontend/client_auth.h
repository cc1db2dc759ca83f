// Who is calling: the client keys that accounts streams to us, as hashes.
//
// Keys are taken from `Authorization: Bearer`, `x-api-key` (Anthropic's SDK) and `api-key` (Azure's).
// The frontend keeps serving with the set it has while accounts restarts; only before it ever had one
// does a request wait, bounded, and is then told 503 rather than a false 401.
#pragma once

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/result.h"
#include "lib/rpc/event.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::frontend {

struct ClientKey {
  std::string id;
  std::string name;
};

// The valid keys, by the hash of the whole key. A look-up by hash tells an attacker nothing by its
// duration that helps to find a key; the last comparison is constant-time all the same. Pure.
class KeyRing {
 public:
  void Upsert(const accounts::v1::ClientKeyHash& key);
  void Remove(const std::string& id);
  std::optional<ClientKey> Find(std::string_view presented) const;
  std::size_t size() const { return by_hash_.size(); }

 private:
  std::unordered_map<std::string, ClientKey> by_hash_;    // SHA-256 → key
  std::unordered_map<std::string, std::string> hash_of_;  // id → SHA-256
};

// The key a request presents, by its headers; empty when it presents none.
template <class Lookup>
std::string_view PresentedKey(const Lookup& header) {
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view authorization = header("authorization");
  if (authorization.size() > kBearer.size()) {
    bool matches = true;
    for (std::size_t i = 0; i < kBearer.size(); ++i)
      matches = matches && (authorization[i] | 0x20) == (kBearer[i] | 0x20);
    if (matches) {
      std::string_view key = authorization.substr(kBearer.size());
      key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
      return key;
    }
  }
  for (const std::string_view name : {"x-api-key", "api-key"}) {
    if (const std::string_view key = header(name); !key.empty()) return key;
  }
  return {};
}

class ClientAuth {
 public:
  // How long a request waits for the first set of keys.
  static constexpr std::chrono::milliseconds kFirstSetWait{5'000};

  explicit ClientAuth(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // kUnauthenticated for a key that is not valid or not there; kUnavailable while no set ever arrived.
  Awaitable<Result<ClientKey>> Check(std::string presented);

  // What the watch stream says. A new stream brings the whole set again, so it is gathered beside the
  // one in use and takes its place when it is complete.
  void BeginSet() { next_.emplace(); }
  void Apply(const accounts::v1::ClientKeyUpdate& update);

  bool synced() const { return synced_; }
  std::size_t size() const { return ring_.size(); }

 private:
  asio::any_io_executor executor_;
  KeyRing ring_;
  std::optional<KeyRing> next_;
  bool synced_ = false;
  std::vector<std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace patchbay::frontend
