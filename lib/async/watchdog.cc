#include "lib/async/watchdog.h"

#include <utility>

namespace patchbay::async {

Watchdog::Watchdog(asio::any_io_executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_expiry))) {}

Watchdog::~Watchdog() {
  state_->on_expiry = nullptr;
  state_->timer.cancel();
}

void Watchdog::Set(SteadyTime deadline) {
  state_->deadline = deadline;
  if (deadline < state_->wakes_at) Sleep(state_);
}

void Watchdog::Sleep(std::shared_ptr<State> state) {
  state->wakes_at = state->deadline;
  state->timer.expires_at(state->deadline);  // also cancels the wait that was pending
  asio::steady_timer& timer = state->timer;
  timer.async_wait([state = std::move(state)](boost::system::error_code cancelled) {
    if (cancelled || !state->on_expiry) return;
    state->wakes_at = SteadyTime::max();
    if (state->deadline == SteadyTime::max()) return;
    if (std::chrono::steady_clock::now() < state->deadline) return Sleep(state);
    state->deadline = SteadyTime::max();
    state->on_expiry();
  });
}

}  // namespace patchbay::async
