#include "workers/accounts/usage/keeper.h"

#include <utility>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "workers/accounts/usage/usages_file.h"

namespace patchbay::accounts {

void UsageKeeper::Configure(const config::v1::UsageBooks& settings) {
  if (settings.usages_path() != settings_.usages_path()) {
    changed_ = true;
    next_file_ = {};
  }
  settings_ = settings;
  next_forget_ = {};
}

void UsageKeeper::Tick() {
  const SteadyTime now = clock_.Steady();
  if (!forgetting_ && now >= next_forget_) {
    next_forget_ = now + kEvery;
    spawn_("usage.forget", Forget());
  }
  if (!writing_ && changed_ && !settings_.usages_path().empty() && now >= next_file_) {
    next_file_ = now + kEvery;
    spawn_("usage.file", WriteFile());
  }
}

Awaitable<void> UsageKeeper::Forget() {
  forgetting_ = true;
  const WallTime now = clock_.Now();
  UsageRetention retention;
  retention.requests_before = now - ToMilliseconds(settings_.keep_requests());
  retention.requests_max = settings_.requests_max();
  retention.hours_before = now - ToMilliseconds(settings_.keep_hours());
  retention.step = kStep;
  for (bool more = true; more;) {
    std::function<Result<bool>(Store&)> step = [retention](Store& store) { return store.ForgetUsage(retention); };
    const Result<bool> done = co_await storage_.Run<bool>(std::move(step));
    if (!done.ok()) log::Warn("usage.not_forgotten", {{"error", done.error().message}});
    more = done.ok() && *done;
  }
  forgetting_ = false;
}

// In a transaction of its own: what a file refuses must not take a neighbour's rows with it.
Awaitable<void> UsageKeeper::WriteFile() {
  writing_ = true;
  changed_ = false;
  const std::string path = settings_.usages_path();
  std::function<Result<bool>(Store&)> write = [path, names = names_(),
                                               now = clock_.Now()](Store& store) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto weeks, store.LoadWeeks());
    ASSIGN_OR_RETURN(const bool moved, PutAsideAnothers(path));
    RETURN_IF_ERROR(WriteWhole(path, UsagesText(weeks, names, now, OffsetOfThisMachine)));
    return moved;
  };
  const Result<bool> written = co_await storage_.Run<bool>(std::move(write));
  if (!written.ok()) {
    log::Warn("usage.file_not_written", {{"path", path}, {"error", written.error().message}});
    changed_ = true;
  } else if (*written) {
    log::Warn("usage.file_put_aside", {{"path", path}, {"as", path + std::string(kPutAside)}});
  }
  writing_ = false;
}

Awaitable<void> UsageKeeper::Finish() {
  if (changed_ && !settings_.usages_path().empty()) co_await WriteFile();
}

}  // namespace patchbay::accounts
