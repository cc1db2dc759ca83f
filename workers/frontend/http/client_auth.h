// Who is calling: the client keys that accounts streams to us, as hashes.
//
// Keys are taken from `Authorization: Bearer` and from where the clients of each dialect put theirs. A client may have
// a credential of its own beside ours, as Claude Code with a login has: whoever shows a key of ours in any of these
// places is let in. What else it shows goes to a provider that wants each caller's own login, and nowhere else. The
// frontend keeps serving with the set it has while accounts restarts; only before it ever had one does a request wait,
// bounded, and is then told 503 rather than a false 401.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/async/event.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/net/http_message.h"
#include "patchbay/accounts/v1/client_keys.pb.h"
#include "workers/frontend/call/caller_login.h"
#include "workers/frontend/dialects/registry.h"

namespace patchbay::frontend {

struct ClientKey {
  std::string id = {};
  std::string name = {};
  accounts::v1::QuotaView quota_view = accounts::v1::QUOTA_VIEW_UNSPECIFIED;
  std::optional<WallTime> expires_at = std::nullopt;
  // Null: those of who comes without a key, which has none.
  std::shared_ptr<const accounts::v1::KeyTerms> terms = nullptr;
  // How much of them is used, as accounts told it last, also after this was copied; null as above.
  std::shared_ptr<const accounts::v1::KeyStanding> standing = nullptr;
};

// The keys, by the hash of each of their secrets: how long a look-up takes tells of the hash of a guess, which says
// nothing about how near the guess was. Pure: now is a parameter.
class KeyRing {
 public:
  // What is told of a key's standing lives on in `before`, where that is another ring that has it.
  void Upsert(const accounts::v1::ClientKeyHash& key, const KeyRing* before = nullptr);
  void Remove(const std::string& id);
  void Stand(const accounts::v1::ClientKeyStanding& told);

  // Nothing for a secret that is not ours, and for one that is over, as its key may be.
  std::optional<ClientKey> Find(std::string_view presented, WallTime now) const;
  // By its id, over or not; null without it.
  const ClientKey* ById(const std::string& id) const;
  // Whether it is ours, over or not.
  bool Knows(std::string_view presented) const;
  std::size_t size() const { return keys_.size(); }

 private:
  struct Door {
    std::string id;
    std::optional<WallTime> valid_until;
  };
  struct Entry {
    ClientKey key;
    std::shared_ptr<accounts::v1::KeyStanding> standing;
    std::vector<std::string> hashes;
  };
  std::unordered_map<std::string, Door> by_hash_;  // SHA-256 → whose
  std::unordered_map<std::string, Entry> keys_;    // by id
};

// Whether they limit how much: of such keys accounts tells what is used.
bool HasLimits(const accounts::v1::KeyTerms& terms);
// Whether its terms limit tokens or money.
bool CountsTokens(const ClientKey& key);

// Where a client calls from, as accounts knows it: an IPv4 address that came by a dual-stack socket is written as one,
// and a Unix socket has none.
std::string SourceOf(const net::HttpRequest& request);

// Every key that a request presents, none of them empty: in `x-patchbay-key`, for who has a login of their own in the
// usual place, and in those of the dialects.
std::vector<std::string> PresentedKeys(const net::HttpRequest& request, const Dialects& dialects);

class ClientAuth {
 public:
  // How long a request waits for the first set of keys.
  static constexpr std::chrono::milliseconds kFirstSetWait{5'000};

  // `clock` outlives this.
  ClientAuth(asio::any_io_executor executor, const Clock& clock) : executor_(std::move(executor)), clock_(clock) {}

  // The first of the keys that is ours and not over. kUnauthenticated when none is, or none is there; kUnavailable
  // while no set ever arrived.
  Awaitable<Result<ClientKey>> Check(std::vector<std::string> presented);

  // The key as it is by now, for who holds it longer than a request; as it was where it is no key of ours any more.
  ClientKey Now(const ClientKey& key) const;

  // The client's own login, if it shows one: the first credential that is no key of ours, valid or not.
  CallerLogin CallerLoginOf(const net::HttpRequest& request, const Dialects& dialects) const;

  // What the watch stream says. A new stream brings the whole set again, so it is gathered beside the
  // one in use and takes its place when it is complete.
  void BeginSet() { next_.emplace(); }
  void Apply(const accounts::v1::ClientKeyUpdate& update);

  bool synced() const { return synced_; }
  std::size_t size() const { return ring_.size(); }

 private:
  asio::any_io_executor executor_;
  const Clock& clock_;
  KeyRing ring_;
  std::optional<KeyRing> next_;
  bool synced_ = false;
  std::vector<std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace patchbay::frontend
