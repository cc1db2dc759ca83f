// The accounts whose keys the configuration names: they come and go with it. What somebody added stays, also where the
// configuration names the same key.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"
#include "workers/accounts/books/account_book.h"

namespace patchbay::accounts {

// The reference of the one account that stands for everybody's own login at a provider: it has no key.
inline constexpr std::string_view kCallersLogins = "auth.mode: forward";

struct ConfiguredKey {
  std::string provider;
  std::string reference;  // "${OPENAI_API_KEY}", "/etc/patchbay/openai.key", kCallersLogins
  Secret key;
};

class ConfiguredKeys {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // `done` is called each time that what was wanted is so.
  ConfiguredKeys(AccountBook& accounts, Spawn spawn, std::function<void()> done)
      : accounts_(accounts), spawn_(std::move(spawn)), done_(std::move(done)) {}

  // From now on these and no others.
  void Want(std::vector<ConfiguredKey> keys);
  // What was wanted is not durable yet.
  bool pending() const { return pending_; }

 private:
  Awaitable<void> Apply();
  Awaitable<void> RemoveUnwanted();
  Awaitable<void> AddMissing();

  AccountBook& accounts_;
  Spawn spawn_;
  std::function<void()> done_;
  std::vector<ConfiguredKey> wanted_;
  bool changed_ = false;
  bool pending_ = false;
};

}  // namespace patchbay::accounts
