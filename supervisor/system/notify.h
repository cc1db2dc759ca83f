// What systemd is told (sd_notify(3)); without systemd every call does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace patchbay::supervisor::notify {

void Ready();
void Status(const std::string& text);
// The whole service stops within `limit` at the latest.
void Stopping(std::chrono::milliseconds limit);
void Reloading();
void Alive();
// Keeps a listening socket in systemd's store under `name` (see SocketSet) across a restart of patchbayd.
void StoreDescriptor(const std::string& name, int descriptor);
// Takes what was stored under `name` out of it again: while it is there, systemd keeps listening.
void Forget(const std::string& name);
// How often systemd wants to hear Alive(), if it does.
std::optional<std::chrono::microseconds> WatchdogInterval();

}  // namespace patchbay::supervisor::notify
