// The secrets of every account, as accounts streams them. A call finds its credential here without
// a hop, and goes on finding it while accounts restarts.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "lib/async/asio.h"
#include "lib/base/secret.h"
#include "patchbay/accounts/v1/credentials.pb.h"
#include "patchbay/upstream/v1/upstream.pb.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::upstream {

struct Credential {
  std::string account;
  std::string provider;
  std::int64_t version = 0;
  Secret access_token;
  std::string provider_account_id;
  bool fedramp = false;
  std::string egress;  // the only way out that this account may be seen on; empty for direct
  // A caller's own login, which passes through: nothing of it is kept, cookies neither.
  bool passes = false;
};

// The credential of a call to a provider that wants each caller's own login. `granted` is that of the account that
// stands for all of them. Connections and TLS sessions are each login's own. Null when the call brought none.
std::shared_ptr<const Credential> CallersCredential(const Credential& granted, const v1::CallerLogin& login);

// Single-threaded.
class CredentialCache {
 public:
  explicit CredentialCache(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // The stream begins (again) with the whole set; what it does not name by `synced` is gone.
  void BeginSync();
  void Apply(accounts::v1::CredentialUpdate update);

  // The account's credential once it is at least `version`; null when that did not come in time.
  Awaitable<std::shared_ptr<const Credential>> Wait(std::string account, std::int64_t version,
                                                    std::chrono::milliseconds timeout);
  std::size_t size() const { return credentials_.size(); }
  bool synced() const { return synced_; }

 private:
  struct Waiter {
    std::string account;
    asio::steady_timer timer;
  };
  std::shared_ptr<const Credential> Find(const std::string& account, std::int64_t version) const;

  asio::any_io_executor executor_;
  std::unordered_map<std::string, std::shared_ptr<const Credential>> credentials_;
  std::unordered_set<std::string> named_;  // since BeginSync
  bool synced_ = false;
  std::list<Waiter> waiters_;
};

// Keeps `cache` fed for the life of the process, whatever happens to accounts.
Awaitable<void> WatchCredentials(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts,
                                 CredentialCache& cache);

}  // namespace patchbay::upstream
