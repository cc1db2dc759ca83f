// The client keys that the configuration names: they come, change and go with their rows.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "workers/accounts/books/client_key_book.h"

namespace patchbay::accounts {

class ConfiguredUsers {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // `done` is called each time that what was wanted is so, but for rows that cannot be: the log tells of these.
  ConfiguredUsers(ClientKeyBook& keys, Spawn spawn, std::function<void()> done)
      : keys_(keys), spawn_(std::move(spawn)), done_(std::move(done)) {}

  // From now on these and no others.
  void Want(std::vector<ConfiguredUser> users);
  // What was wanted is not durable yet.
  bool pending() const { return pending_; }

 private:
  Awaitable<void> Apply();

  ClientKeyBook& keys_;
  Spawn spawn_;
  std::function<void()> done_;
  std::vector<ConfiguredUser> wanted_;
  bool changed_ = false;
  bool pending_ = false;
};

}  // namespace patchbay::accounts
