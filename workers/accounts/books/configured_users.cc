#include "workers/accounts/books/configured_users.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::accounts {
namespace {

// The row itself is wrong, or in another key's way: only another configuration helps.
bool IsOfTheRow(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kAlreadyExists ||
         code == ErrorCode::kResourceExhausted;
}

}  // namespace

void ConfiguredUsers::Want(std::vector<ConfiguredUser> users) {
  wanted_ = std::move(users);
  changed_ = true;
  pending_ = true;
  next_retry_ = kFirstRetry;
  Begin();
}

void ConfiguredUsers::Tick() {
  if (running_ || !retry_at_ || clock_.Steady() < *retry_at_) return;
  changed_ = true;
  Begin();
}

void ConfiguredUsers::Begin() {
  if (std::exchange(running_, true)) return;  // the run under way comes to them
  spawn_("users.configure", Apply());
}

Awaitable<void> ConfiguredUsers::Apply() {
  while (std::exchange(changed_, false)) {
    const bool written = co_await TryAll();
    retry_at_.reset();
    if (written) continue;
    retry_at_ = clock_.Steady() + next_retry_;
    next_retry_ = std::min(next_retry_ * 2, kLastRetry);
  }
  running_ = false;
  if (std::exchange(pending_, false)) done_();
}

// False when the disk did not take all of it.
Awaitable<bool> ConfiguredUsers::TryAll() {
  const std::vector<ConfiguredUser> users = wanted_;
  std::vector<std::string> names;
  for (const ConfiguredUser& user : users) names.push_back(user.name);
  const auto dropped = co_await keys_.DropConfiguredBut(std::move(names));
  if (!dropped.ok()) log::Error("client_key.not_dropped", {{"error", dropped.error().message}});
  bool written = dropped.ok();
  for (const ConfiguredUser& user : users) {
    const auto put = co_await keys_.PutConfigured(user);
    if (put.ok()) continue;
    written = written && IsOfTheRow(put.error().code);
    log::Error("client_key.not_configured", {{"name", user.name}, {"error", put.error().message}});
  }
  co_return written;
}

}  // namespace patchbay::accounts
