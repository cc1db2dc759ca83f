#include "workers/accounts/books/configured_users.h"

#include <utility>

#include "lib/log/log.h"

namespace patchbay::accounts {

void ConfiguredUsers::Want(std::vector<ConfiguredUser> users) {
  wanted_ = std::move(users);
  changed_ = true;
  if (pending_) return;  // the run under way comes to them
  pending_ = true;
  spawn_("users.configure", Apply());
}

Awaitable<void> ConfiguredUsers::Apply() {
  while (std::exchange(changed_, false)) {
    const std::vector<ConfiguredUser> users = wanted_;
    std::vector<std::string> names;
    for (const ConfiguredUser& user : users) names.push_back(user.name);
    co_await keys_.DropConfiguredBut(std::move(names));
    for (const ConfiguredUser& user : users) {
      const auto put = co_await keys_.PutConfigured(user);
      if (!put.ok()) log::Error("client_key.not_configured", {{"name", user.name}, {"error", put.error().message}});
    }
  }
  pending_ = false;
  done_();
}

}  // namespace patchbay::accounts
