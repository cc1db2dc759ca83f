// What is done about usage that is on the disk already: the old is forgotten in small steps, and the file of sums is
// written anew, at most once a minute.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {

class UsageKeeper {
 public:
  // Rows that go in one transaction; settlements come between two of them.
  static constexpr int kStep = 1000;
  static constexpr std::chrono::minutes kEvery{1};

  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;
  // The names of client keys, by their ids.
  using Names = std::function<std::map<std::string, std::string>()>;

  UsageKeeper(StorageThread& storage, const Clock& clock, Spawn spawn, Names names)
      : storage_(storage), clock_(clock), spawn_(std::move(spawn)), names_(std::move(names)) {}

  void Configure(const config::v1::UsageBooks& settings);
  // A row has been written or corrected.
  void Changed() { changed_ = true; }
  // Once a second or so.
  void Tick();
  // Writes the file a last time, when something has changed.
  Awaitable<void> Finish();

 private:
  Awaitable<void> Forget();
  Awaitable<void> WriteFile();

  StorageThread& storage_;
  const Clock& clock_;
  Spawn spawn_;
  Names names_;
  config::v1::UsageBooks settings_;
  SteadyTime next_forget_{}, next_file_{};
  bool forgetting_ = false;
  bool writing_ = false;
  bool changed_ = true;  // since the file was written; at the start nobody knows
};

}  // namespace patchbay::accounts
