// The client keys that the configuration names: they come, change and go with their rows.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "workers/accounts/books/client_key_book.h"

namespace patchbay::accounts {

class ConfiguredUsers {
 public:
  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  // Between two tries at what the disk did not take: the first, doubled up to the last.
  static constexpr std::chrono::seconds kFirstRetry{1};
  static constexpr std::chrono::seconds kLastRetry{60};

  // `done` is called each time that what was wanted has been tried. Rows that cannot be are told in the log and left;
  // what the disk did not take is tried again.
  ConfiguredUsers(ClientKeyBook& keys, const Clock& clock, Spawn spawn, std::function<void()> done)
      : keys_(keys), clock_(clock), spawn_(std::move(spawn)), done_(std::move(done)) {}

  // From now on these and no others.
  void Want(std::vector<ConfiguredUser> users);
  // What was wanted has not been tried yet.
  bool pending() const { return pending_; }
  // Call every second.
  void Tick();

 private:
  void Begin();
  Awaitable<void> Apply();
  Awaitable<bool> TryAll();

  ClientKeyBook& keys_;
  const Clock& clock_;
  Spawn spawn_;
  std::function<void()> done_;
  std::vector<ConfiguredUser> wanted_;
  bool changed_ = false;
  bool pending_ = false;
  bool running_ = false;
  std::chrono::seconds next_retry_ = kFirstRetry;
  std::optional<SteadyTime> retry_at_;  // nothing: all that can be is so
};

}  // namespace patchbay::accounts
